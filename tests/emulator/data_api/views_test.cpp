#include "data_api/schema/views.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lakebase::emulator::data_api::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string entry(std::string const& name, std::string const& rest) {
  return R"({TARGETENTRY :expr {VAR :varno 1 :resno 9 :location 7} :resname )" + name + " :ressortgroupref 0 " + rest +
         " :resjunk false}";
}

std::string rule(std::string const& entries) {
  return R"(({QUERY :commandType 1 :rtable ({RANGETBLENTRY :eref {ALIAS :aliasname films :colnames ("a" ":targetList")} }) )"
         R"(:jointree {FROMEXPR :fromlist ({RANGETBLREF :rtindex 1}) :quals <>} :targetList ()" +
         entries + R"() :override 0 :returningList <> :cteList ({CTE :q {QUERY :targetList ()" +
         entry("z", ":resno 1 :resorigtbl 5 :resorigcol 5") + R"()}})}))";
}

TEST(DataApiViewsTest, ReadsWhatAViewShows) {
  EXPECT_THAT(shown_columns(rule(entry("id", ":resno 1 :resorigtbl 16400 :resorigcol 3") + " " +
                                 entry("twice", ":resno 2 :resorigtbl 0 :resorigcol 0") + " " +
                                 entry("x", ":resno 12 :resorigtbl 16401 :resorigcol 10"))),
              ElementsAre(ShownColumn{1, "16400", 3}, ShownColumn{12, "16401", 10}));
}

TEST(DataApiViewsTest, TakesNoNameForALabelOrABracket) {
  EXPECT_THAT(shown_columns(rule(entry(R"(:resorigtbl)", ":resno 1 :resorigtbl 1 :resorigcol 1") + " " +
                                 entry(R"(\{a,\)\\\ b)", ":resno 2 :resorigtbl 2 :resorigcol 2") + " " +
                                 entry("<>", ":resno 3 :resorigtbl 3 :resorigcol 3"))),
              ElementsAre(ShownColumn{1, "1", 1}, ShownColumn{2, "2", 2}, ShownColumn{3, "3", 3}));
}

TEST(DataApiViewsTest, EndsWithAnyText) {
  auto const whole = rule(entry("id", ":resno 1 :resorigtbl 16400 :resorigcol 3"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NO_THROW(shown_columns(whole.substr(0, size))) << size;
  }
  EXPECT_THAT(shown_columns("<>"), IsEmpty());
}

}  // namespace
}  // namespace lakebase::emulator::data_api::tests
