#include "support/secret_watch.hpp"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>

namespace lakebase::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Own : std::runtime_error {
  using std::runtime_error::runtime_error;
};

TEST(SecretWatch, SeesWhatIsThrownAndLogged) {
  std::string const secret = "planted-";  // the name alone: what the test prints is searched as well
  try {
    throw Own{"oops " + secret};
  } catch (std::exception const&) {
  }
  watched_log()({LogLevel::debug, secret});
  EXPECT_THAT(take_escaped_secrets(), ElementsAre("oops " + secret, secret));
  try {
    throw Error{"token=" + secret + "1"};
  } catch (Error const&) {
  }
  watched_log()({LogLevel::debug, "nothing"});
  EXPECT_THAT(take_escaped_secrets(), IsEmpty());
}

}  // namespace
}  // namespace lakebase::tests
