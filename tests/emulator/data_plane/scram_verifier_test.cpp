#include "data_plane/front/scram_verifier.hpp"

#include <gtest/gtest.h>

namespace lakebase::emulator {
namespace {

// RFC 7677's example: user "user", password "pencil".
constexpr char const* pencil =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

TEST(PasswordFits, KnowsTheScramVerifierOfAPassword) {
  EXPECT_TRUE(password_fits(pencil, "user", "pencil"));
  EXPECT_FALSE(password_fits(pencil, "user", "pencils"));
  EXPECT_FALSE(password_fits(pencil, "user", ""));
}

TEST(PasswordFits, KnowsTheMd5HashOfAPassword) {
  constexpr char const* md5_of_secretalice = "md54a0a68b43b6cd5cf266fa02f196e2371";
  EXPECT_TRUE(password_fits(md5_of_secretalice, "alice", "secret"));
  EXPECT_FALSE(password_fits(md5_of_secretalice, "bob", "secret"));
}

TEST(PasswordFits, RefusesWhatIsNoVerifier) {
  for (char const* text : {"", "secret", "SCRAM-SHA-256$", "SCRAM-SHA-256$x:AAAA$AAAA:AAAA", "SCRAM-SHA-256$1:A$B:C",
                           "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$:", "md5"}) {
    EXPECT_FALSE(password_fits(text, "user", "secret")) << text;
  }
}

}  // namespace
}  // namespace lakebase::emulator
