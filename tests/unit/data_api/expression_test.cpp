#include <lakebase/data_api/expression.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>

namespace lakebase::data_api {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

// An address would be a boolean.
static_assert(!std::is_constructible_v<Value, int*> && std::is_constructible_v<Value, char*>);

TEST(DataApiExpression, PutsComparisonsAsTheyAreAtTheTop) {
  EXPECT_THAT((col("a") > 5).parameters(), ElementsAre(Pair("a", "gt.5")));
  EXPECT_THAT((col("a") == "x,y.(z) \"q\" \\ *").parameters(), ElementsAre(Pair("a", "eq.x,y.(z) \"q\" \\ *")));
  EXPECT_THAT((col("a") == "").parameters(), ElementsAre(Pair("a", "eq.")));
  EXPECT_THAT((col("a") == nullptr).parameters(), ElementsAre(Pair("a", "is.null")));
  EXPECT_THAT((col("a") != nullptr).parameters(), ElementsAre(Pair("a", "not.is.null")));
  EXPECT_THAT((col("a") == true).parameters(), ElementsAre(Pair("a", "eq.true")));
  EXPECT_THAT((col("a") == 0.1).parameters(), ElementsAre(Pair("a", "eq.0.1")));
  EXPECT_THAT((col("a") == 9223372036854775807).parameters(), ElementsAre(Pair("a", "eq.9223372036854775807")));
  EXPECT_THAT(
      (col("d") < std::chrono::year_month_day{std::chrono::year{2026}, std::chrono::month{2}, std::chrono::day{3}})
          .parameters(),
      ElementsAre(Pair("d", "lt.2026-02-03")));
}

TEST(DataApiExpression, TakesParametersAsTheyStand) {
  EXPECT_THAT((parameter("tags", "cs.{a,b}") && col("a") > 5).parameters(),
              ElementsAre(Pair("tags", "cs.{a,b}"), Pair("a", "gt.5")));
  EXPECT_THAT(parameter("order", "a.desc,b").parameters(), ElementsAre(Pair("order", "a.desc,b")));
  EXPECT_THROW(static_cast<void>((!parameter("a", "eq.1")).parameters()), InvalidArgument);
  EXPECT_THROW(static_cast<void>((parameter("a", "eq.1") || col("b") == 2).parameters()), InvalidArgument);
  EXPECT_THROW(static_cast<void>((!(parameter("a", "eq.1") && col("b") == 2)).parameters()), InvalidArgument);
}

TEST(DataApiExpression, QuotesInListsAndTrees) {
  EXPECT_THAT(col("a").in({"x,y", "q\"\\", 7}).parameters(), ElementsAre(Pair("a", R"(in.("x,y","q\"\\","7"))")));
  EXPECT_THAT(col("a").in(std::vector<Value>{}).parameters(), ElementsAre(Pair("a", "in.()")));
  EXPECT_THAT(col("a").in(std::vector<int>{1, 2}).parameters(), ElementsAre(Pair("a", R"(in.("1","2"))")));
  EXPECT_THAT((col("a") == "x)" || col("b").is_null()).parameters(),
              ElementsAre(Pair("or", R"t((a.eq."x)",b.is.null))t")));
  EXPECT_THAT((col("a") == "{1}" || col("b").in({1})).parameters(),
              ElementsAre(Pair("or", R"((a.eq."{1}",b.in.("1")))")));
}

TEST(DataApiExpression, JoinsAndNegates) {
  EXPECT_THAT((col("a") > 5 && !col("b").in({1, 2})).parameters(),
              ElementsAre(Pair("a", "gt.5"), Pair("b", R"(not.in.("1","2"))")));
  EXPECT_THAT((!(col("a") > 5 && col("b") == 1)).parameters(), ElementsAre(Pair("not.and", R"((a.gt."5",b.eq."1"))")));
  EXPECT_THAT((!!(col("a") > 5)).parameters(), ElementsAre(Pair("a", "gt.5")));
  EXPECT_THAT((col("a") == 1 && (col("b") == 2 || (col("c") == 3 && col("d") == 4))).parameters(),
              ElementsAre(Pair("a", "eq.1"), Pair("or", R"((b.eq."2",and(c.eq."3",d.eq."4")))")));
}

TEST(DataApiExpression, PutsUnusualNamesIntoATree) {
  EXPECT_THAT((col("a.b") == 1).parameters(), ElementsAre(Pair("and", R"(("a.b".eq."1"))")));
  EXPECT_THAT((col("limit") == 1).parameters(), ElementsAre(Pair("and", R"((limit.eq."1"))")));
  EXPECT_THAT((col("actors", "name") == "Ann").parameters(), ElementsAre(Pair("actors.name", "eq.Ann")));
  EXPECT_THROW(static_cast<void>(col("")), InvalidArgument);
  auto const embedded = col("actors", "name") == "Ann";
  EXPECT_THAT((!embedded && col("a") == 1).parameters(),
              ElementsAre(Pair("actors.name", "not.eq.Ann"), Pair("a", "eq.1")));
  EXPECT_THROW(static_cast<void>((embedded || col("a") == 1).parameters()), InvalidArgument);
}

TEST(DataApiExpression, ReachesIntoJsonArraysRangesAndText) {
  EXPECT_THAT((col("d")["k"].text("l") == "x").parameters(), ElementsAre(Pair("d->k->>l", "eq.x")));
  EXPECT_THAT((col("tags")[0] == "a").parameters(), ElementsAre(Pair("tags->0", "eq.a")));
  EXPECT_THAT(col("tags").contains(std::vector<std::string>{"a,b", "c\""}).parameters(),
              ElementsAre(Pair("tags", R"(cs.{"a,b","c\""})")));
  EXPECT_THAT(col("during").overlaps(range(1, nullptr)).parameters(), ElementsAre(Pair("during", R"(ov.["1",))")));
  EXPECT_THAT(col("t").search("fat & cat", "english").parameters(), ElementsAre(Pair("t", "fts(english).fat & cat")));
  EXPECT_THAT(col("a").any_of({1, 2}).parameters(), ElementsAre(Pair("a", R"(eq(any).{"1","2"})")));
  std::vector<std::string> const texts{"x", "y"};
  EXPECT_THAT(col("a").any_of(texts).parameters(), ElementsAre(Pair("a", R"(eq(any).{"x","y"})")));
}

TEST(DataApiExpression, KeepsAStarOfAPattern) {
  EXPECT_THAT(col("a").like("50%_").parameters(), ElementsAre(Pair("a", "like.50%_")));
  EXPECT_THAT(col("a").like(R"(*.%\%_)").parameters(), ElementsAre(Pair("a", R"(match.^\*\..*\%.$)")));
  EXPECT_THAT(col("a").ilike("*").parameters(), ElementsAre(Pair("a", R"(imatch.^\*$)")));
  EXPECT_THROW(static_cast<void>(col("a").like("*\\")), InvalidArgument);
}

TEST(DataApiExpression, RefusesNullWhereItMeansNothing) {
  EXPECT_THROW(static_cast<void>(col("a") > nullptr), InvalidArgument);
  EXPECT_THROW(static_cast<void>(col("a").in({1, nullptr})), InvalidArgument);
}

TEST(DataApiExpression, SelectsAndSorts) {
  EXPECT_EQ(Selected{"a"}.text(), "a");
  EXPECT_EQ(Selected{"*"}.text(), "*");
  EXPECT_EQ(Selected{col("a b").as("c").cast("text")}.text(), R"(c:"a b"::text)");
  EXPECT_EQ(Selected{col("amount").sum()}.text(), "amount.sum()");
  EXPECT_EQ(count_all().text(), "count()");
  EXPECT_EQ(Selected{embed("actors", "name", embed("roles")).hint("fk").as("who")}.text(),
            "who:actors!fk(name,roles(*))");
  EXPECT_EQ(Selected{embed("director", "name").spread()}.text(), "...director(name)");
  EXPECT_EQ(desc("a").nulls_last().text(), "a.desc.nullslast");
  EXPECT_EQ(Order{"a"}.text(), "a.asc");
  EXPECT_EQ(Order{std::string{"a b"}}.text(), "\"a b\".asc");
  EXPECT_EQ(desc(col("d")["k"]).text(), "d->k.desc");
  EXPECT_EQ(asc(col("director", "limit").text("k")).text(), R"(director("limit"->>k).asc)");
}

TEST(DataApiExpression, SelectsSortsAndCutsEmbeddedRows) {
  Selected const roles = embed("roles").order("id").limit(2);
  EXPECT_EQ(roles.text(), "roles(*)");
  EXPECT_THAT(roles.parameters(), ElementsAre(Pair("roles.order", "id.asc"), Pair("roles.limit", "2")));
  Selected const nested = embed("actors", "name", roles)
                              .where(col("year") > 5 && !(col("a") == 1 || col("b") == "x"))
                              .where(col("roles", "name") == "Maria")
                              .order(desc("name").nulls_last(), col("d")["k"])
                              .limit(3)
                              .offset(1)
                              .as("who")
                              .hint("fk");
  EXPECT_EQ(nested.text(), "who:actors!fk(name,roles(*))");
  EXPECT_THAT(
      nested.parameters(),
      ElementsAre(Pair("who.roles.order", "id.asc"), Pair("who.roles.limit", "2"), Pair("who.year", "gt.5"),
                  Pair("who.not.or", R"((a.eq."1",b.eq."x"))"), Pair("who.roles.name", "eq.Maria"),
                  Pair("who.order", "name.desc.nullslast,d->k.asc"), Pair("who.limit", "3"), Pair("who.offset", "1")));
  EXPECT_THAT(Selected{embed("films").as("f").spread().limit(1)}.parameters(), ElementsAre(Pair("films.limit", "1")));
  EXPECT_THAT(Selected{embed("a.b").where(col("limit") == 1)}.parameters(),
              ElementsAre(Pair(R"("a.b".and)", R"((limit.eq."1"))")));
  EXPECT_THROW(static_cast<void>(embed("a").where(!parameter("a", "eq.1"))), InvalidArgument);
}

}  // namespace
}  // namespace lakebase::data_api
