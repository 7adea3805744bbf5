#include "data_api/grammar/parser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data_api/grammar/api_error.hpp"

namespace lakebase::emulator::data_api::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Condition only_condition(QueryPairs const& pairs, std::vector<std::string> const& path = {}) {
  auto tree = parse_query(pairs);
  EXPECT_EQ(tree.at(path).conditions.size(), 1U);
  return tree.at(path).conditions.front();
}

std::string refusal_of(QueryPairs const& pairs) {
  try {
    parse_query(pairs);
  } catch (ApiError const& error) {
    EXPECT_EQ(error.code(), "PGRST100");
    EXPECT_EQ(error.status(), 400);
    return error.what();
  }
  return {};
}

TEST(DataApiGrammarTest, ReadsFilters) {
  EXPECT_EQ(only_condition({{"a", "eq.1.5,(x)"}}).filter, (Filter{.path = {"a"}, .op = "eq", .value = "1.5,(x)"}));
  EXPECT_EQ(only_condition({{"a", "not.is.NULL"}}).filter,
            (Filter{.path = {"a"}, .negated = true, .op = "is", .value = "null"}));
  EXPECT_EQ(only_condition({{"a", R"(in.(x,"y,z","q\"\\"))"}}).filter,
            (Filter{.path = {"a"}, .op = "in", .list = {"x", "y,z", R"(q"\)"}}));
  EXPECT_EQ(only_condition({{"a", "like(any).{x*,*y}"}}).filter,
            (Filter{.path = {"a"}, .op = "like", .quantifier = Quantifier::any, .value = "{x*,*y}"}));
  EXPECT_EQ(only_condition({{"a", "fts(english).cat"}}).filter,
            (Filter{.path = {"a"}, .op = "fts", .language = "english", .value = "cat"}));
  EXPECT_EQ(only_condition({{"a->b->>0", "eq.x"}}).filter.path,
            (ColumnPath{"a", {{"b", false, false}, {"0", true, true}}}));
  EXPECT_EQ(only_condition({{"a->odd!key", "eq.x"}}).filter.path, (ColumnPath{"a", {{"odd!key", false, false}}}));
  EXPECT_THAT(only_condition({{"a", R"(in.( x,"y"z,"))"}}).filter.list, ElementsAre("x", R"("y"z)", R"(")"));
  EXPECT_THAT(only_condition({{"a", "in.(  )"}}).filter.list, ElementsAre());
  EXPECT_EQ(only_condition({{R"("a.b")", "eq."}}).filter, (Filter{.path = {"a.b"}, .op = "eq"}));
  EXPECT_EQ(only_condition({{"child.col", "gt.1"}}, {"child"}).filter.path.column, "col");
}

TEST(DataApiGrammarTest, ReadsLogic) {
  auto const tree = only_condition({{"not.or", R"((a.eq."1,2",not.and(b.gt.3,c.not.in.(4,5)),d.cs.{6,7}))"}});
  EXPECT_EQ(tree.kind, Condition::Kind::any);
  EXPECT_TRUE(tree.negated);
  ASSERT_EQ(tree.parts.size(), 3U);
  EXPECT_EQ(tree.parts[0].filter.value, "1,2");
  EXPECT_EQ(tree.parts[1].kind, Condition::Kind::all);
  EXPECT_TRUE(tree.parts[1].negated);
  EXPECT_THAT(tree.parts[1].parts[1].filter.list, ElementsAre("4", "5"));
  EXPECT_EQ(tree.parts[2].filter.value, "{6,7}");
  EXPECT_EQ(only_condition({{"or", "( and ( a.eq.1 , b.eq.2 ) , c.eq.3 )"}}).parts.size(), 2U);
  EXPECT_EQ(only_condition({{"child.or", "(a.eq.1,b.eq.2)"}}, {"child"}).parts.size(), 2U);
}

TEST(DataApiGrammarTest, ReadsWhatIsSelected) {
  auto const items = parse_query({{"select", "*,n:a->>b::text,c.sum()::int,count(),child!fk(x,...y(z)),m:o()"}}).select;
  ASSERT_EQ(items.size(), 6U);
  EXPECT_EQ(items[0].path.column, "*");
  EXPECT_EQ(items[1], (SelectItem{.alias = "n", .path = {"a", {{"b", true, false}}}, .cast = "text"}));
  EXPECT_EQ(items[2], (SelectItem{.path = {"c"}, .aggregate = "sum", .aggregate_cast = "int"}));
  EXPECT_EQ(items[3].aggregate, "count");
  EXPECT_EQ(items[4].kind, SelectItem::Kind::embed);
  EXPECT_EQ(items[4].hint, "fk");
  ASSERT_EQ(items[4].items.size(), 2U);
  EXPECT_EQ(items[4].items[1].kind, SelectItem::Kind::spread);
  EXPECT_EQ(items[5].alias, "m");
  EXPECT_TRUE(items[5].items.empty());
}

TEST(DataApiGrammarTest, ReadsOrderRangeAndColumns) {
  auto tree = parse_query({{"order", "a.desc.nullslast,b->c,d(e).asc.nullsfirst"},
                           {"limit", "3"},
                           {"child.offset", "4"},
                           {"columns", R"(a,"b,c")"},
                           {"on_conflict", "a"}});
  auto const& order = tree.at({}).order;
  ASSERT_EQ(order.size(), 3U);
  EXPECT_EQ(order[0], (OrderTerm{.path = {"a"}, .descending = true, .nulls_first = false}));
  EXPECT_EQ(order[2], (OrderTerm{.relation = "d", .path = {"e"}, .nulls_first = true}));
  EXPECT_EQ(tree.at({}).limit, 3);
  EXPECT_EQ(tree.at({"child"}).offset, 4);
  EXPECT_THAT(*tree.columns, ElementsAre("a", "b,c"));
  EXPECT_THAT(tree.on_conflict, ElementsAre("a"));
}

TEST(DataApiGrammarTest, TellsArgumentsFromFiltersOfACall) {
  auto tree = parse_query({{"a", "1"}, {"b", "eq.2"}, {"c", "not.like.x"}, {"d", "equal"}}, true);
  EXPECT_THAT(tree.arguments, ElementsAre(std::pair{"a", "1"}, std::pair{"d", "equal"}));
  EXPECT_EQ(tree.at({}).conditions.size(), 2U);
}

TEST(DataApiGrammarTest, TellsWhereItIsWrong) {
  EXPECT_THAT(refusal_of({{"a", "1"}}), HasSubstr("failed to parse filter (1)\" (line 1, column 1)"));
  EXPECT_THAT(refusal_of({{"select", "a,,b"}}),
              HasSubstr("failed to parse select parameter (a,,b)\" (line 1, column 3)"));
  for (auto const& pair : QueryPairs{{"a", "eq"},
                                     {"a", "in.(1"},
                                     {"a", "is.x"},
                                     {"a", "in.(1)2"},
                                     {"or", "(a.eq.1"},
                                     {"or", "()"},
                                     {"order", "a.up"},
                                     {"limit", "x"},
                                     {"select", "a("},
                                     {"select", "a!b"},
                                     {"a->", "eq.1"},
                                     {"", "x"},
                                     {"on_conflict", "a,"}}) {
    bool const is_nothing = pair.first.empty();
    EXPECT_EQ(refusal_of({pair}).empty(), is_nothing) << pair.first << "=" << pair.second;
  }
}

TEST(DataApiGrammarTest, IsNotNestedWithoutEnd) {
  std::string deep;
  for (int i = 0; i < 10'000; ++i) deep += "and(";
  EXPECT_FALSE(refusal_of({{"and", "(" + deep}}).empty());
  std::string select;
  for (int i = 0; i < 10'000; ++i) select += "a(";
  EXPECT_FALSE(refusal_of({{"select", select}}).empty());
}

}  // namespace
}  // namespace lakebase::emulator::data_api::tests
