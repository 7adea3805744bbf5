// How resources are shown to people.

#include <gmock/gmock.h>

#include "cli/base/duration.hpp"
#include "cli/output/text.hpp"

namespace lakebase::cli {
namespace {

using namespace std::chrono_literals;

TEST(Json, TextIsIndentedAsTheValueIs) {
  for (std::string const text :
       {R"({})", R"([])", R"([{"a":[1,-2.5,"x"],"b":{},"c":[[],{}]},null,true])", R"("a:{,}[\"\\")",
        R"({"quote\"":"end\\","text":"{\"k\":[1, 2]}","deep":{"er":[{"still":"é"}]}})",
        R"( { "a" : [ ] , "b": [ 1 ] } )", "17"}) {
    EXPECT_EQ(pretty_text(text), pretty(read_json(text)));
    EXPECT_EQ("[\n  " + pretty_text(text, 1) + "\n]", pretty(read_json('[' + text + ']')));
  }
}

TEST(Text, FieldsAreAligned) {
  EXPECT_EQ(
      fields_text(Json::parse(R"({"name":"b","status":{"state":"READY","ids":[1,2]},"list":[{"a":true}],"none":{}})")),
      "name:          b\n"
      "status.state:  READY\n"
      "status.ids:    1, 2\n"
      "list[0].a:     true\n"
      "none:          {}\n");
}

TEST(Text, ATableHasTheColumnsThatAnObjectHas) {
  EXPECT_EQ(table_text({Json::parse(R"({"name":"a","status":{"hosts":{"host":"h"},"current_state":"ACTIVE"}})"),
                        Json::parse(R"({"name":"long-name","status":{"current_state":"IDLE"},"uid":"u"})")}),
            "NAME       CURRENT_STATE  HOST\n"
            "a          ACTIVE         h\n"
            "long-name  IDLE\n");
}

TEST(Text, ATerminalIsNotCommanded) {
  EXPECT_EQ(fields_text(Json::parse(R"({"name":"a\u001b[2Jb\nc"})")), "name:  a?[2Jb c\n");
}

TEST(Text, OfSeveralLinesKeepsThem) {
  EXPECT_EQ(printable_lines("a\033[2J\n\n\tb\r\n"), "a?[2J\n\n\tb?\n");
  EXPECT_EQ(printable_lines(""), "");
}

TEST(Text, ThatIsTooLongLosesItsMiddle) {
  EXPECT_EQ(fitted("0123456789", 10), "0123456789");
  EXPECT_EQ(fitted("0123456789", 9), "012...789");
  EXPECT_EQ(fitted("0123456789", 8), "01...789");
  EXPECT_EQ(fitted("äöüäöüäöü", 8), "äö...äöü");
  EXPECT_EQ(fitted("0123456789", 3), "...");
}

TEST(Text, WaitsAreToldInMinutes) {
  EXPECT_EQ(elapsed_text(59s), "59 s");
  EXPECT_EQ(elapsed_text(125s), "2 min 5 s");
}

}  // namespace
}  // namespace lakebase::cli
