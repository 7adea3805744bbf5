#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/data_api.hpp>
#include <lakebase/testing/fixed_credentials.hpp>
#include <lakebase/testing/scripted_transport.hpp>

#include "support/client_over.hpp"
#include "support/skipping_clock.hpp"

namespace lakebase::data_api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr std::string_view transaction_base = "https://ep.example.com/api/2.0/workspace/1/rest/db";
constexpr std::string_view no_function =
    R"({"code":"PGRST202","message":"Could not find the function","details":null})";

struct Account {
  std::int64_t id = 0;
  std::optional<std::string> owner{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("id", &Account::id);
    field("owner", &Account::owner);
  }
};

class TransactionTest : public ::testing::Test {
 protected:
  DataApiClient api() {
    auto config = tests::config_over(wire, std::make_shared<tests::SkippingClock>());
    config.token.reset();
    config.credentials_strategy = credentials;
    return DataApiClient{WorkspaceClient{config}, transaction_base};
  }
  std::string statement(Write const& write, std::optional<std::int64_t> rows = std::nullopt) {
    wire->then({.body = R"([{"count":0,"rows":[]}])"});
    auto transaction = client.transaction();
    transaction.add(write, rows).execute();
    auto const body = wire->requests().back().body;
    constexpr std::string_view before = R"({"statements":[)";
    EXPECT_TRUE(body.starts_with(before) && body.ends_with("]}")) << body;
    return body.substr(before.size(), body.size() - before.size() - 2);
  }

  std::shared_ptr<testing::ScriptedTransport> wire = std::make_shared<testing::ScriptedTransport>();
  std::shared_ptr<testing::FixedCredentials> credentials = std::make_shared<testing::FixedCredentials>("ey.J.t", true);
  DataApiClient client = api();
};

TEST_F(TransactionTest, SendsAllWritesInOneCall) {
  wire->then({.body = R"([{"count":2,"rows":[]}, {"count":1,"rows":[{"id":1,"owner":"x"}]}])"});
  auto const accounts = client.from("accounts");
  auto transaction = client.transaction();
  transaction.add(accounts.insert(std::vector<Account>{{.id = 1}, {.id = 2, .owner = "b"}}))
      .add(accounts.update(JsonText{R"({"owner":"x"})"}).where(col("id") == 1).returning(), 1);
  EXPECT_EQ(transaction.size(), 2U);

  auto const results = transaction.execute();

  ASSERT_THAT(results, SizeIs(2));
  EXPECT_EQ(results[0].total, 2);
  EXPECT_THAT(results[0].texts(), IsEmpty());
  EXPECT_EQ(results[1].total, 1);
  EXPECT_EQ(results[1].as<Account>().at(0).owner, "x");
  ASSERT_THAT(wire->requests(), SizeIs(1));
  EXPECT_EQ(wire->requests()[0].method, "POST");
  EXPECT_EQ(wire->requests()[0].url, std::string{transaction_base} + "/public/rpc/lakebase_transaction");
  EXPECT_EQ(wire->requests()[0].body,
            R"({"statements":[{"verb":"insert","table":"accounts","rows":[{"id":1},{"id":2,"owner":"b"}]},)"
            R"({"verb":"update","table":"accounts","rows":[{"owner":"x"}],)"
            R"("where":[{"column":"id","operator":"eq","value":"1"}],"returning":[{"column":"*"}],"exactly":1}]})");
}

TEST_F(TransactionTest, WritesConditionsInPostfixOrder) {
  auto const removed = [&](Condition const& condition) {
    auto const text = statement(client.from("t").remove().where(condition));
    constexpr std::string_view before = R"({"verb":"delete","table":"t","where":[)";
    EXPECT_TRUE(text.starts_with(before)) << text;
    return text.substr(before.size(), text.size() - before.size() - 2);
  };
  EXPECT_EQ(removed(col("a") == 1 && !(col("b") > "x" || col("c").is_null()) && col("d").in({1, "\"y\""})),
            R"({"column":"a","operator":"eq","value":"1"},{"column":"b","operator":"gt","value":"x"},)"
            R"({"column":"c","operator":"is","value":"null"},{"join":"OR","parts":2,"not":true},)"
            R"({"column":"d","operator":"in","values":["1","\"y\""]},{"join":"AND","parts":3})");
  EXPECT_EQ(removed(!col("odd.\"name").match("^a*")),
            R"({"column":"odd.\"name","operator":"match","value":"^a*","not":true})");
  EXPECT_EQ(removed(col("d")["k"][0].text("l'") == "x"),
            R"({"column":"d","operator":"eq","path":[["->","k"],["->",0],["->>","l'"]],"value":"x"})");
  EXPECT_EQ(removed(col("a").any_of({1, 2})),
            R"({"column":"a","operator":"eq","quantifier":"any","value":"{\"1\",\"2\"}"})");
  EXPECT_EQ(removed(col("a").web_search("fat cat", "english")),
            R"({"column":"a","operator":"wfts","language":"english","value":"fat cat"})");
}

TEST_F(TransactionTest, WritesUpsertsAndWhatTheyReturn) {
  auto const t = client.from("t");
  EXPECT_EQ(statement(t.upsert(JsonText{R"({"id":12345678901234567890.10})"}, {"id", "b c"})),
            R"({"verb":"insert","table":"t","rows":[{"id":12345678901234567890.10}],"resolution":"merge",)"
            R"("on_conflict":["id","b c"]})");
  EXPECT_EQ(statement(t.upsert(JsonText{"[ ]"}, {}, Resolution::ignore_duplicates)),
            R"({"verb":"insert","table":"t","rows":[ ],"resolution":"ignore"})");
  EXPECT_EQ(statement(t.remove().all_rows("id").returning("id", col("b c").as("d")), 3),
            R"({"verb":"delete","table":"t","where":[{"column":"id","operator":"is","value":"null"},)"
            R"({"column":"id","operator":"is","value":"null","not":true},{"join":"OR","parts":2}],)"
            R"("returning":[{"column":"id"},{"column":"b c","as":"d"}],"exactly":3})");
}

TEST_F(TransactionTest, RefusesWhatATransactionCannotHave) {
  auto transaction = client.transaction();
  auto const t = client.from("t");
  EXPECT_THROW(transaction.add(t.remove().where(parameter("a", "eq.1"))), InvalidArgument);
  EXPECT_THROW(transaction.add(t.remove().where(col("other", "a") == 1)), InvalidArgument);
  EXPECT_THROW(transaction.add(t.insert(JsonText{"{}"}).returning(col("a").cast("text"))), InvalidArgument);
  EXPECT_THROW(transaction.add(t.insert(JsonText{"{}"}).returning(embed("other"))), InvalidArgument);
  EXPECT_THROW(transaction.add(t.insert(JsonText{R"({"a":1}]},{"verb":"delete")"})), ParseError);
  EXPECT_THROW(transaction.add(client.schema("s").from("t").insert(JsonText{"{}"})), InvalidArgument);
  EXPECT_THROW(transaction.add(api().from("t").insert(JsonText{"{}"})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(transaction_function("")), InvalidArgument);
  EXPECT_EQ(transaction.size(), 0U);
  EXPECT_THAT(transaction.execute(), IsEmpty());
  EXPECT_THAT(wire->requests(), IsEmpty());
}

TEST_F(TransactionTest, TellsHowToCreateTheFunction) {
  wire->then({.status = 404, .body = std::string{no_function}});
  auto transaction = client.transaction();
  transaction.add(client.from("t").insert(JsonText{"{}"}));
  try {
    transaction.execute();
    FAIL();
  } catch (DataApiError const& error) {
    EXPECT_EQ(error.code(), "PGRST202");
    EXPECT_THAT(error.hint(), HasSubstr("transaction_function(\"public\")"));
  }
}

TEST_F(TransactionTest, TakesTheRunnerOnlyIfThereIsNoFunction) {
  std::vector<TransactionScript> scripts;
  auto const runner = [&](TransactionScript const& script) {
    scripts.push_back(script);
    return std::string{R"([{"count":1,"rows":[]}])"};
  };
  auto transaction = client.transaction(runner);
  transaction.add(client.from("t").insert(JsonText{R"({"a":1})"}));

  wire->then({.body = R"([{"count":1,"rows":[]}])"});
  EXPECT_EQ(transaction.execute().at(0).total, 1);
  EXPECT_THAT(scripts, IsEmpty());

  wire->then({.status = 409, .body = R"({"code":"PT409","message":"statement 1: it would change 0 rows"})"});
  EXPECT_THROW(transaction.execute(), DataApiError);
  EXPECT_THAT(scripts, IsEmpty());

  wire->then({.status = 404, .body = std::string{no_function}});
  EXPECT_EQ(transaction.execute().at(0).total, 1);
  ASSERT_THAT(scripts, SizeIs(1));
  EXPECT_EQ(scripts[0].statements, R"([{"verb":"insert","table":"t","rows":[{"a":1}]}])");
  EXPECT_THAT(scripts[0].function, HasSubstr("FUNCTION pg_temp.lakebase_transaction(statements json)"));
  EXPECT_THAT(scripts[0].call, HasSubstr("pg_temp.lakebase_transaction($1::json)"));
}

TEST_F(TransactionTest, IsRepeatedOnlyIfEachWriteIsIdempotent) {
  auto const t = client.from("t");
  auto const is_repeated = [&](Write const& write, std::optional<std::int64_t> rows = std::nullopt) {
    auto const before = wire->requests().size();
    wire->then({.status = 502});
    auto transaction = client.transaction();
    transaction.add(t.upsert(JsonText{"{}"})).add(write, rows);
    EXPECT_ANY_THROW(transaction.execute());  // nothing is left to respond to the second
    return wire->requests().size() - before == 2;
  };
  EXPECT_TRUE(is_repeated(t.remove().where(col("id") == 1).idempotent()));
  EXPECT_FALSE(is_repeated(t.remove().where(col("id") == 1).idempotent(), 1));
  EXPECT_FALSE(is_repeated(t.remove().where(col("id") == 1)));
}

TEST_F(TransactionTest, QuotesTheSchemaInTheFunction) {
  auto const text = transaction_function("it's \"x\"");
  EXPECT_THAT(text, HasSubstr("FUNCTION \"it's \"\"x\"\"\".lakebase_transaction("));
  EXPECT_THAT(text, HasSubstr("own_schema CONSTANT text := ''it''''s \"x\"''"));
  EXPECT_THAT(text, Not(HasSubstr("SECURITY DEFINER")));
}

}  // namespace
}  // namespace lakebase::data_api
