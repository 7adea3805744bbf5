// What is made of a command line: its flags, its durations, and JSON of the shape of a model.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <lakebase/database/instance.hpp>
#include <lakebase/postgres/branch.hpp>

#include "cli/api/conform.hpp"
#include "cli/base/duration.hpp"
#include "cli/base/failure.hpp"
#include "cli/base/words.hpp"
#include "cli/parse/command_line.hpp"

namespace lakebase::cli {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

using Texts = std::vector<std::string>;

Usage usage() {
  return {.command = "lakebase try",
          .flags = {{"page-size", "", "N"}, {"json", "", "JSON"}, {"purge", "", ""}, {"no-wait", "", ""}}};
}

TEST(CommandLine, TakesFlagsAnywhere) {
  CommandLine const line{usage(), {"--page-size", "5", "first", "--purge", "second", "-o", "json", "--page-size=7"}};
  EXPECT_THAT(line.positionals(), ElementsAre("first", "second"));
  EXPECT_EQ(line.value("page-size"), "7");
  EXPECT_EQ(line.value("output"), "json");
  EXPECT_TRUE(line.is_on("purge"));
  EXPECT_FALSE(line.is_on("no-wait"));
}

TEST(CommandLine, TakesValuesAsTheyAre) {
  for (std::string const value : {"[1,2]", "{\"a\": [1]}", "", "-1", "-", "a=b", "%[x]"}) {
    EXPECT_EQ((CommandLine{usage(), {"--json", value}}.value("json")), value);
    EXPECT_EQ((CommandLine{usage(), {"--json=" + value}}.value("json")), value);
  }
}

TEST(CommandLine, TakesPositionalsAsTheyAre) {
  for (std::string const value : {"[1,2]", "-", "a=b", "projects/p"}) {
    EXPECT_THAT((CommandLine{usage(), {value, "x"}}.positionals()), ElementsAre(value, "x"));
  }
}

TEST(CommandLine, LeavesWhatFollowsDashesAlone) {
  CommandLine const line{usage(), {"first", "--", "--purge", "--", "[x]", "--help"}};
  EXPECT_THAT(line.positionals(), ElementsAre("first"));
  EXPECT_THAT(line.passed_on(), ElementsAre("--purge", "--", "[x]", "--help"));
  EXPECT_FALSE(line.is_on("purge"));
}

TEST(CommandLine, SwitchesCanBeOff) {
  EXPECT_FALSE((CommandLine{usage(), {"--purge=false"}}.is_on("purge")));
  EXPECT_TRUE((CommandLine{usage(), {"--purge=true"}}.is_on("purge")));
}

TEST(CommandLine, FindsTheWordBehindGlobalFlags) {
  Texts arguments{"-o", "json", "--debug", "-p", "me", "postgres", "get-project", "x"};
  EXPECT_EQ(take_word(arguments), "postgres");
  EXPECT_EQ(take_word(arguments), "get-project");
  EXPECT_THAT(arguments, ElementsAre("-o", "json", "--debug", "-p", "me", "x"));
  Texts none{"--debug", "--", "x"};
  EXPECT_EQ(take_word(none), std::nullopt);
}

TEST(Durations, AreReadInAllUnits) {
  EXPECT_EQ(parse_duration("900s", "--ttl"), 900s);
  EXPECT_EQ(parse_duration("1h30m", "--ttl"), 90min);
  EXPECT_EQ(parse_duration("1.5s", "--ttl"), 1500ms);
  EXPECT_EQ(parse_duration("500ms", "--ttl"), 500ms);
  EXPECT_EQ(parse_duration("7d", "--ttl"), 168h);
  EXPECT_EQ(parse_duration("3w", "--ttl"), 504h);
  EXPECT_EQ(parse_duration("0", "--ttl"), 0s);
  for (std::string const bad : {"", "5", "s", "-5s", "1 s", "1y", "1..5s", "99999999999w", "5s5"}) {
    EXPECT_THROW(parse_duration(bad, "--ttl"), Failure) << bad;
  }
}

TEST(Words, TheNearestIsNearEnough) {
  Texts const known{"limit", "page-size", "show-deleted"};
  EXPECT_EQ(nearest("limt", known), "limit");
  EXPECT_EQ(nearest("ilmit", known), "limit");
  EXPECT_EQ(nearest("show", known), "show-deleted");
  EXPECT_EQ(nearest("something", known), "");
}

TEST(Words, AShellReadsWhatIsQuoted) {
  EXPECT_EQ(shell_quoted("a b"), "'a b'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
}

Json conformed(std::string const& text, Texts& warnings) {
  return conform(Json::parse(text), shape_of<postgres::Branch>(), warnings);
}

TEST(Conform, KeepsWhatIsOfTheModel) {
  Texts warnings;
  std::string const text = R"({"spec":{"ttl":"604800s","no_expiry":true,"source_branch":"projects/p/branches/b"}})";
  EXPECT_EQ(conformed(text, warnings), Json::parse(text));
  EXPECT_THAT(warnings, IsEmpty());
}

TEST(Conform, DropsUnknownMembersAndNamesTheNearest) {
  Texts warnings;
  EXPECT_EQ(conformed(R"({"spec":{"tll":"1s","no_expiry":null},"zzzzzzzz":1})", warnings),
            Json::parse(R"({"spec":{}})"));
  EXPECT_THAT(warnings, ElementsAre("unknown field 'spec.tll' is left out; did you mean spec.ttl?",
                                    "unknown field 'zzzzzzzz' is left out"));
}

TEST(Conform, MakesSimpleConversions) {
  Texts warnings;
  auto const instance =
      conform(Json::parse(R"({"node_count":"3","stopped":"true","name":5,"retention_window_in_days":7.0})"),
              shape_of<database::DatabaseInstance>(), warnings);
  EXPECT_EQ(instance, Json::parse(R"({"node_count":3,"stopped":true,"name":"5","retention_window_in_days":7})"));
  EXPECT_THAT(warnings, IsEmpty());
}

TEST(Conform, AFlagMayHaveADurationInDays) {
  EXPECT_EQ(flag_value("7d", shape_of<Duration>(), "ttl"), "604800s");
  EXPECT_EQ(flag_value("a,b", shape_of<Texts>(), "instance-names"), Json::parse(R"(["a","b"])"));
  EXPECT_THROW(flag_value("many", shape_of<std::int64_t>(), "page-size"), Failure);
}

}  // namespace
}  // namespace lakebase::cli
