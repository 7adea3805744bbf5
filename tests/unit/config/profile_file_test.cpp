#include "config/profile_file.hpp"

#include <sys/stat.h>

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>

#include "config/host.hpp"
#include "config/proxy.hpp"
#include "support/temporary_folder.hpp"

namespace lakebase::detail {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ProfileFile, ReadsTheGrammar) {
  auto const file = ProfileFile::parse(
      "\xef\xbb\xbfhost = https://default.example\r\n"
      "# a comment\n; another\n\n"
      "[ p.with.dot ]\n"
      "Host: https://x.example ; note\n"
      "token = abc#def # note\n"
      "quoted = \"a b \"\n"
      "  indented = 1\n"
      "empty =\n"
      "twice = 1\ntwice = 2\n"
      "[odd]name]\nk = v\n"
      "[__settings__]\ndefault_profile =  p.with.dot \n",
      "file");
  EXPECT_EQ(file.find("DEFAULT")->at("host"), "https://default.example");
  auto const& section = *file.find("p.with.dot");
  EXPECT_EQ(section.at("host"), "https://x.example");
  EXPECT_EQ(section.at("token"), "abc#def");
  EXPECT_EQ(section.at("quoted"), "a b ");
  EXPECT_EQ(section.at("indented"), "1");
  EXPECT_EQ(section.at("empty"), "");
  EXPECT_EQ(section.at("twice"), "2");
  EXPECT_NE(file.find("odd]name"), nullptr);
  EXPECT_EQ(file.find("P.WITH.DOT"), nullptr);
  EXPECT_EQ(file.default_profile(), "p.with.dot");
  EXPECT_EQ(file.warnings().size(), 1U);
}

TEST(ProfileFile, NamesTheLineThatItCannotReadAndNotItsText) {
  try {
    ProfileFile::parse("[p]\nhost = x\nplanted-secret\n", "/home/me/.databrickscfg");
    FAIL();
  } catch (ConfigError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("/home/me/.databrickscfg:3"));
    EXPECT_THAT(error.what(), Not(HasSubstr("planted")));
  }
  EXPECT_THROW(ProfileFile::parse("[p\n", "f"), ConfigError);
  EXPECT_EQ(ProfileFile::read("/nonexistent/file"), std::nullopt);
  EXPECT_THROW(ProfileFile::read("/"), ConfigError);
}

TEST(ProfileFile, TakesWhatStandsBetweenQuotesAsItIs) {
  auto const file = ProfileFile::parse(
      "client_secret = \"ab #cd\"\nother = 'x ; y' # note\nthird = \"a\" b # note\nopen = \"a # note\n", "file");
  auto const& section = *file.find("DEFAULT");
  EXPECT_EQ(section.at("client_secret"), "ab #cd");
  EXPECT_EQ(section.at("other"), "x ; y");
  EXPECT_EQ(section.at("third"), "\"a\" b");
  EXPECT_EQ(section.at("open"), "\"a");
}

TEST(ProfileFile, NamesAnEncodingThatItCannotRead) {
  using namespace std::literals;
  for (auto const text : {"\xff\xfe[\0p\0]\0"sv, "\xfe\xff\0[\0p\0]"sv, "[\0p\0]\0\n\0"sv}) {
    try {
      ProfileFile::parse(text, "file");
      ADD_FAILURE();
    } catch (ConfigError const& error) {
      EXPECT_THAT(error.what(), HasSubstr("file is encoded as UTF-16. Save the file as UTF-8."));
    }
  }
}

TEST(ProfileFile, RefusesAPipeInsteadOfWaitingForIt) {
  tests::TemporaryFolder const folder;
  auto const pipe = folder.path() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  try {
    ProfileFile::read(pipe);
    FAIL();
  } catch (ConfigError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("pipe is not a regular file"));
  }
}

TEST(ProfileFile, WarnsOfAFileThatOthersMayChange) {
  tests::TemporaryFolder const folder;
  auto const path = folder.write("profiles", "host = https://x\n");
  using std::filesystem::perms;
  std::filesystem::permissions(path, perms::owner_read | perms::owner_write);
  EXPECT_THAT(ProfileFile::read(path)->warnings(), ::testing::IsEmpty());
  std::filesystem::permissions(path, perms::owner_read | perms::owner_write | perms::others_write);
  EXPECT_THAT(ProfileFile::read(path)->warnings(), ::testing::ElementsAre(HasSubstr("other users may change")));
}

struct HostCase {
  std::string_view text, url;
};

TEST(Host, IsNormalised) {
  for (auto const& [text, url] : {
           HostCase{"x.com", "https://x.com"},
           HostCase{"x.com/", "https://x.com"},
           HostCase{"https://x.com:443", "https://x.com"},
           HostCase{"http://x.com:80", "http://x.com"},
           HostCase{"http://x.com:8443/", "http://x.com:8443"},
           HostCase{"https://x.com/path/?o=1#f", "https://x.com"},
           HostCase{"https://u:p@x.com", "https://x.com"},
           HostCase{"HTTPS://X.Com", "https://x.com"},
           HostCase{"  x.com \n", "https://x.com"},
           HostCase{"http://[::1]:8080/x", "http://[::1]:8080"},
           HostCase{"https://[::1]", "https://[::1]"},
       }) {
    EXPECT_EQ(parse_host(text).url, url) << text;
  }
  for (std::string_view const bad :
       {"", "https://", "ftp://x", "x y.com", "x.com:0", "x.com:99999", "x.com:a", "x\ny", "ü.com"}) {
    EXPECT_THROW(parse_host(bad), ConfigError) << bad;
  }
  EXPECT_FALSE(parse_host("https://u:p@x.com").warnings.empty());
}

TEST(Host, TakesIdsFromUrlsOfTheBrowser) {
  EXPECT_EQ(parse_host("https://x.com/?o=123").workspace_id, "123");
  EXPECT_EQ(parse_host("https://x.com/?o=abc").workspace_id, "");
  EXPECT_EQ(parse_host("https://x.com/?w=abc&o=5").workspace_id, "abc");
  EXPECT_EQ(parse_host("https://x.com/?workspace_id=7&account_id=acc").workspace_id, "7");
  EXPECT_EQ(parse_host("https://x.com/?account_id=acc").account_id, "acc");
  EXPECT_TRUE(is_account_host("https://accounts.cloud.databricks.com"));
  EXPECT_FALSE(is_account_host("https://accountsx.com"));
}

TEST(Proxy, IsRefusedWithoutShowingAnythingOfIt) {
  for (auto const* const bad :
       {"http://user:pa#planted@host:3128", "http://user:pa/planted@host:3128", "http://user:pa planted@host:3128",
        "user:pa@planted@host:3128", "http://user:planted%0a@host:3128", "http://user:planted%00@host",
        "http://user:planted%1bx@host", "ftp://user:planted@host", "http://user:planted@", "http://u:planted@host:x",
        "http://u:planted@ho st:1"}) {
    try {
      check_proxy(bad, "HTTPS_PROXY");
      ADD_FAILURE() << bad;
    } catch (ConfigError const& error) {
      EXPECT_THAT(error.what(), HasSubstr("the URL of the proxy in HTTPS_PROXY "));
      EXPECT_THAT(error.what(), Not(HasSubstr("planted"))) << bad;
      EXPECT_THAT(error.what(), HasSubstr("A proxy looks like http://proxy.example.com:3128")) << bad;
    }
  }
}

TEST(Proxy, IsTakenInEveryFormThatWorks) {
  for (auto const* const good :
       {"", "proxy", "proxy:3128", "http://proxy:3128", "http://proxy:3128/", "HTTP://proxy", "https://u:p@proxy:1",
        "socks5h://u@proxy:1080", "http://u:p%23%2f@proxy", "u:p@[::1]:3128", " http://proxy:3128 "}) {
    EXPECT_NO_THROW(check_proxy(good, "HTTPS_PROXY")) << good;
  }
}

TEST(Proxy, TellsWhatMustNotBeShown) {
  EXPECT_THAT(secrets_of_proxy("http://me:p%23ss@host:1"),
              ::testing::ElementsAre("me:p%23ss", "me:p#ss", "p%23ss", "p#ss"));
  EXPECT_THAT(secrets_of_proxy("http://host:1"), ::testing::IsEmpty());
}

}  // namespace
}  // namespace lakebase::detail
