#include "base/text/url.hpp"

#include <string_view>

#include <gtest/gtest.h>

namespace lakebase::tests {
namespace {

using detail::is_loopback;
using detail::origin_of;
using detail::split_url;
using detail::target_of;

TEST(SplitUrl, TakesAWholeOneApart) {
  auto const url = split_url("https://me:secret@example.com:8443/a/b?x=1&y=2#part");
  EXPECT_EQ(url.scheme, "https");
  EXPECT_EQ(url.rest, "me:secret@example.com:8443/a/b?x=1&y=2#part");
  EXPECT_EQ(url.authority, "me:secret@example.com:8443");
  EXPECT_EQ(url.user_info, "me:secret");
  EXPECT_EQ(url.host, "example.com");
  EXPECT_TRUE(url.has_port);
  EXPECT_EQ(url.port, "8443");
  EXPECT_EQ(url.path, "/a/b");
  EXPECT_EQ(url.query, "x=1&y=2");
}

TEST(SplitUrl, LeavesEmptyWhatIsNotThere) {
  auto const url = split_url("https://example.com");
  EXPECT_EQ(url.host, "example.com");
  EXPECT_FALSE(url.has_port);
  EXPECT_EQ(url.user_info, "");
  EXPECT_EQ(url.path, "");
  EXPECT_EQ(url.query, "");
  EXPECT_EQ(split_url("").host, "");
}

TEST(SplitUrl, BeginsWithTheAuthorityWithoutAScheme) {
  auto const url = split_url("example.com:443/a?b");
  EXPECT_EQ(url.scheme, "");
  EXPECT_EQ(url.host, "example.com");
  EXPECT_EQ(url.port, "443");
  EXPECT_EQ(url.path, "/a");
  EXPECT_EQ(url.query, "b");
}

TEST(SplitUrl, KeepsTheBracketsOfAnAddress) {
  auto const with_port = split_url("http://[::1]:8080/");
  EXPECT_EQ(with_port.host, "[::1]");
  EXPECT_EQ(with_port.port, "8080");
  EXPECT_FALSE(split_url("http://[::1]/").has_port);
}

TEST(SplitUrl, EndsTheAuthorityAtAQueryOrFragment) {
  EXPECT_EQ(split_url("https://example.com?o=1").host, "example.com");
  EXPECT_EQ(split_url("https://example.com?o=1").query, "o=1");
  EXPECT_EQ(split_url("https://example.com#o?p").host, "example.com");
  EXPECT_EQ(split_url("https://example.com#o?p").query, "");
}

TEST(SplitUrl, TakesTheLastAtForTheEndOfTheUserInfo) {
  auto const url = split_url("https://me:p@ss@example.com/@");
  EXPECT_EQ(url.user_info, "me:p@ss");
  EXPECT_EQ(url.host, "example.com");
}

TEST(SplitUrl, TellsAnEmptyPortFromNone) {
  EXPECT_TRUE(split_url("https://example.com:/").has_port);
  EXPECT_EQ(split_url("https://example.com:/").port, "");
}

TEST(OriginAndTarget, MakeUpTheUrl) {
  constexpr std::string_view url = "https://example.com:8443/a/b?x=1";
  EXPECT_EQ(origin_of(url), "https://example.com:8443");
  EXPECT_EQ(target_of(url), "/a/b?x=1");
  EXPECT_EQ(origin_of("example.com/a"), "example.com");
  EXPECT_EQ(target_of("https://example.com"), "");
}

TEST(HasScheme, IsWhatAFullUrlHas) {
  EXPECT_TRUE(detail::has_scheme("https://example.com"));
  EXPECT_FALSE(detail::has_scheme("//example.com/a"));
  EXPECT_FALSE(detail::has_scheme("example.com:443"));
}

TEST(WithoutQuery, LeavesTheRest) {
  EXPECT_EQ(detail::without_query("https://example.com/a?token=1"), "https://example.com/a");
  EXPECT_EQ(detail::without_query("https://example.com/a"), "https://example.com/a");
}

TEST(Loopback, IsThisMachineOnly) {
  for (auto const* host : {"localhost", "LOCALHOST", "a.localhost", "127.0.0.1", "127.3.4.5", "[::1]"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (auto const* host :
       {"127.example.com", "127.0.0.1.example.com", "localhost.example.com", "10.0.0.1", "", "127.1"}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

}  // namespace
}  // namespace lakebase::tests
