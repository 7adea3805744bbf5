// The small tools: times, ids, tokens, forms, command lines of faults.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/ascii.hpp"
#include "common/digest.hpp"
#include "common/encoding.hpp"
#include "common/loopback.hpp"
#include "common/random.hpp"
#include "common/time.hpp"
#include "common/tokens.hpp"
#include "engine/errors.hpp"
#include "http/faults.hpp"
#include "http/http_message.hpp"
#include "postgres/resource_names.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(Ascii, TrimsSpacesAndTabs) {
  EXPECT_EQ(trimmed("\t a b\t "), "a b");
  EXPECT_EQ(trimmed(" \t"), "");
}

TEST(Loopback, IsAnAddressAndNoName) {
  for (std::string const yes : {"127.0.0.1", "127.255.0.3", "::1"}) EXPECT_TRUE(is_loopback(yes)) << yes;
  for (std::string const no : {"", "127.", "127.1", "127.0.0.", "127.0.0.256", "127.0.0.1.2", "127.0.0.1.example.com",
                               "0.0.0.0", "localhost", "::2"}) {
    EXPECT_FALSE(is_loopback(no)) << no;
  }
}

TEST(Moment, ReadsAndWritesTimes) {
  struct Case {
    char const* text;
    char const* normal;
  };
  for (auto const& [text, normal] : {
           Case{"2026-06-01T12:00:00Z", "2026-06-01T12:00:00Z"},
           Case{"2026-06-01t12:00:00z", "2026-06-01T12:00:00Z"},
           Case{"2026-06-01T12:00:00.5Z", "2026-06-01T12:00:00.500Z"},
           Case{"2026-06-01T12:00:00.000001Z", "2026-06-01T12:00:00.000001Z"},
           Case{"2026-06-01T12:00:00.1234567899Z", "2026-06-01T12:00:00.123456789Z"},
           Case{"2026-06-01T14:00:00+02:00", "2026-06-01T12:00:00Z"},
           Case{"2024-02-29T00:00:00-00:30", "2024-02-29T00:30:00Z"},
           Case{"1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500Z"},
       }) {
    auto const time = parse_time(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(to_text(*time), normal);
  }
  for (auto const text :
       {"", "now", "2026-06-01", "2026-06-01T12:00:00", "2026-13-01T12:00:00Z", "2026-02-29T00:00:00Z",
        "2026-06-01T24:00:00Z", "2026-06-01T12:60:00Z", "2026-06-01T12:00:60Z", "2026-06-01T12:00:00.Z",
        "2026-06-01T12:00:00+2:00", "2026-06-01T12:00:00Zx", "0001-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(Moment, ReadsAndWritesDurations) {
  struct Case {
    char const* text;
    std::int64_t nanos;
  };
  for (auto const& [text, nanos] : {Case{"0s", 0}, Case{"604800s", 604'800'000'000'000}, Case{"1.500s", 1'500'000'000},
                                    Case{"0.000000001s", 1}, Case{"-2s", -2'000'000'000}}) {
    auto const duration = parse_duration(text);
    ASSERT_TRUE(duration) << text;
    EXPECT_EQ(duration->count(), nanos);
    EXPECT_EQ(to_text(*duration), text);
  }
  for (auto const text : {"", "s", "5", "5m", "1.s", ".5s", "--1s", "- 1s", "99999999999s", "1 s", "1e3s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Moment, ReadsDurationsAsPeopleWriteThem) {
  using namespace std::chrono_literals;
  struct Case {
    char const* text;
    std::chrono::nanoseconds duration;
  };
  for (auto const& [text, duration] :
       {Case{"90s", 90s}, Case{"15m", 15min}, Case{"36h", 36h}, Case{"3d", 72h}, Case{"2w", 336h}, Case{"1d12h", 36h},
        Case{"1w1d1h1m1.5s", 168h + 24h + 1h + 1min + 1500ms}, Case{"259200s", 72h}, Case{"0s", 0s},
        Case{"0.5s", 500ms}}) {
    auto const read = parse_span(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, duration) << text;
  }
  for (auto const text : {"", "3", "-3d", "-3s", "1d-3s", "3 d", "3D", "d", "1.5d", "12h1d", "1d1d", "3d ", "1y",
                          "1000000w", "99999999999999999999d", "14880w9000000000s"}) {
    EXPECT_FALSE(parse_span(text)) << text;
  }
}

TEST(Ids, AreMadeOfNames) {
  EXPECT_EQ(make_id("First.Last", "role"), "first-last");
  EXPECT_EQ(make_id("databricks_postgres", "db"), "databricks-postgres");
  EXPECT_EQ(make_id("a--", "role"), "a");
  EXPECT_THAT(make_id("1st", "role"), MatchesRegex("role-[0-9a-f]+"));
  EXPECT_THAT(make_id("", "role"), MatchesRegex("role-[0-9a-f]+"));
  EXPECT_TRUE(is_usual_id(make_id(std::string(80, 'x'), "role")));
}

TEST(Ids, UidsHaveTheServicesShape) {
  EXPECT_THAT(random_words("br"), MatchesRegex("br-[a-z]+-[a-z]+-[0-9a-z]+"));
  EXPECT_THAT(random_uuid(), MatchesRegex("[0-9a-f]+-[0-9a-f]+-4[0-9a-f]+-[89ab][0-9a-f]+-[0-9a-f]+"));
  EXPECT_EQ(random_hex(5).size(), 5U);
}

TEST(Ids, RepeatWithTheirSeed) {
  auto const some = [](RandomBytes const& source) {
    return std::vector{random_words("br", source), random_uuid(source), random_hex(100, source), random_hex(3, source)};
  };
  auto const source = seeded_bytes(7);
  auto const first = some(source);
  EXPECT_EQ(some(seeded_bytes(7)), first);
  EXPECT_NE(some(source), first) << "the next ones are others";
  EXPECT_NE(some(seeded_bytes(8)), first);
  EXPECT_NE(some(seeded_bytes(7, "other")), first);
}

TEST(Names, AreReadAndWritten) {
  for (std::string const name :
       {"projects/p", "projects/p/branches/b", "projects/p/branches/b/endpoints/e", "projects/p/branches/b/roles/r",
        "projects/p/branches/b/databases/d", "projects/p/branches/b/endpoints/e/compute-instances/c"}) {
    auto const parsed = parse_name(name);
    ASSERT_TRUE(parsed) << name;
    EXPECT_EQ(parsed->text(), name);
  }
  for (auto const name : {"", "projects", "projects/", "projects//branches/b", "project/p", "projects/p/branch/b",
                          "projects/p/branches/b/endpoints", "projects/p/branches/b/roles/r/compute-instances/c",
                          "/projects/p", "projects/p/branches/b/endpoints/e/compute-instances/c/x/y"}) {
    EXPECT_FALSE(parse_name(std::string_view{name})) << name;
  }
}

TEST(Tokens, AreReadByTheirMintAlone) {
  TokenMint const mint{"secret"};
  auto const token = mint.sign(Json{{"sub", "ä"}});
  ASSERT_TRUE(looks_like_jwt(token));
  EXPECT_EQ(mint.read(token)->at("sub"), "ä");
  EXPECT_FALSE(TokenMint{"other"}.read(token));
  for (auto position = token.find('.'); position < token.size(); position += 7) {
    auto broken = token;
    broken[position] = broken[position] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(mint.read(broken)) << position;
  }
  for (auto const text : {"", "eyJ", "eyJ..", "eyJ.a.b.c", "a.b.c"}) EXPECT_FALSE(mint.read(text)) << text;
}

TEST(Tokens, Base64Url) {
  for (std::string const bytes : {"", "a", "ab", "abc", "\xff\xfe\xfd\xfc"}) {
    EXPECT_EQ(base64url_decoded(base64url(bytes)), bytes);
  }
  EXPECT_EQ(base64url("\xff\xff"), "__8");
  for (auto const text : {"a", "a=", "ab+", "aaaaa", "_x"}) EXPECT_FALSE(base64url_decoded(text)) << text;
}

TEST(Encoding, ReadsTheUsualBase64WithAndWithoutPadding) {
  EXPECT_EQ(base64_decoded("+/8="), "\xfb\xff");
  EXPECT_EQ(base64_decoded("+/8"), "\xfb\xff");
  EXPECT_EQ(base64_decoded(""), "");
  for (auto const text : {"-_8=", "a", "ab c", "+/9="}) EXPECT_FALSE(base64_decoded(text)) << text;
}

TEST(Encoding, WritesTwoDigitsAByte) {
  EXPECT_EQ(hex(std::string_view{"\x00\x0f\xf0\xff", 4}), "000ff0ff");
  EXPECT_EQ(hex(""), "");
}

TEST(Digests, AreThoseOfTheStandards) {
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231, test case 2
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Ascii, LowersItsOwnLettersAlone) {
  EXPECT_EQ(to_lower("AZaz09[@`{\xc4"), "azaz09[@`{\xc4");
}

TEST(Forms, AreDecoded) {
  EXPECT_THAT(decoded_form("a=1&b=x%20y+z&c&a=2&&=v"),
              UnorderedElementsAre(Pair("a", "1"), Pair("b", "x y z"), Pair("c", ""), Pair("", "v")));
  EXPECT_THAT(decoded_segments("/a%2Fb/c+d/%zz/%4"), ElementsAre("a/b", "c+d", "%zz", "%4"));
  EXPECT_THAT(decoded_segments("/"), ElementsAre(""));
}

TEST(Faults, AreReadAndWritten) {
  for (std::string const text : {"status=429; retry-after=2", "reset", "half-body; stall=2s", "stall=0.500s", "html"}) {
    EXPECT_EQ(Fault::parse(text).text(), text);
  }
  EXPECT_EQ(Fault::parse(" status = 500 ; ; stall=1s ").text(), "status=500; stall=1s");
  for (auto const text : {"explode", "status=abc", "status=99", "status=", "stall=x", "stall=-1s"}) {
    EXPECT_THROW(Fault::parse(text), ServiceError) << text;
  }
}

}  // namespace
}  // namespace lakebase::emulator::tests
