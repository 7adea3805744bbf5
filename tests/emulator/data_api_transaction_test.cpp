// Transactions of DataApiClient at the emulator, by the function and over lakebase::pq, on a real PostgreSQL.

#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/data_api.hpp>
#include <lakebase/lakebase.hpp>
#include <lakebase/pq/data_api.hpp>
#include <lakebase/pq/pq.hpp>
#include <lakebase/testing/emulator.hpp>

namespace lakebase::tests {
namespace {

using namespace data_api;
using namespace postgres;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char const* ann = "11111111-1111-1111-1111-111111111111";
constexpr char const* branch = "projects/shop/branches/production";

// Whether the schema has the function.
enum class Way { function, runner };

class DataApiTransaction : public ::testing::TestWithParam<Way> {
 protected:
  static void SetUpTestSuite() {
    testing::EmulatorOptions options;
    options.service_principals = {{ann, "s3cret", "ann"}};
    emulator = std::make_unique<testing::Emulator>(options);
    WorkspaceClient const w{emulator->config()};
    w.postgres.create_project(Project{}, "shop").wait();
    auto const database = *w.postgres.list_databases(branch).to_vector().at(0).name;
    DataApi const wanted{.spec = DataApiDataApiSpec{.db_schemas = {"public", "Shop"}}};
    url = *w.postgres.create_data_api(database, wanted).wait().status->url;

    owner = std::make_unique<pq::Connection>(pq::connect(pq::source_for(w, branch)));
    owner->exec("CREATE EXTENSION IF NOT EXISTS databricks_auth");
    owner->exec("SELECT databricks_create_role($1, 'SERVICE_PRINCIPAL')", {ann});
    owner->exec(std::string{"GRANT \""} + ann + "\" TO authenticator");
    owner->exec("CREATE SCHEMA \"Shop\"");
    owner->exec(transaction_function("Shop"));
    owner->exec("CREATE SCHEMA hidden");
    owner->exec("CREATE TABLE hidden.t (id int PRIMARY KEY)");
    owner->exec(std::string{"GRANT USAGE ON SCHEMA public, \"Shop\", hidden TO \""} + ann + '"');
    for (std::string const schema : {"public", "\"Shop\""}) {
      owner->exec("CREATE TABLE " + schema +
                  ".accounts (id bigint PRIMARY KEY, owner text NOT NULL DEFAULT 'nobody', " +
                  "balance numeric CHECK (balance >= 0), data jsonb, tags text[], \"a.b \"\"c\" text)");
      owner->exec("CREATE TABLE " + schema + ".transfers (id bigint PRIMARY KEY, source bigint REFERENCES " + schema +
                  ".accounts, amount numeric, note text DEFAULT 'none')");
      owner->exec("CREATE TABLE " + schema + ".notes (id int PRIMARY KEY, who text DEFAULT current_user)");
      owner->exec("ALTER TABLE " + schema + ".notes ENABLE ROW LEVEL SECURITY");
      owner->exec("CREATE POLICY own ON " + schema + ".notes USING (who = current_user)");
      owner->exec("CREATE TABLE " + schema + ".words (id int PRIMARY KEY, t text, n int, hit int)");
      owner->exec("CREATE TABLE " + schema + ".closed (id int PRIMARY KEY)");
      owner->exec("GRANT ALL ON " + schema + ".accounts, " + schema + ".transfers, " + schema + ".notes, " + schema +
                  ".words, hidden.t TO \"" + ann + '"');
    }
    owner->exec("NOTIFY pgrst, 'reload schema'");
    auto config = emulator->config();
    config.token.reset();
    config.client_id = ann;
    config.client_secret = "s3cret";
    workspace = std::make_unique<WorkspaceClient>(config);
    auto source = pq::source_for(*workspace, branch);
    pool = std::make_unique<pq::ConnectionPool>(source);
  }
  static void TearDownTestSuite() {
    pool.reset();
    owner.reset();
    workspace.reset();
    emulator.reset();
  }

  void SetUp() override {
    schema = GetParam() == Way::function ? "\"Shop\"" : "public";
    owner->exec("TRUNCATE " + schema + ".accounts, " + schema + ".transfers, " + schema + ".notes, " + schema +
                ".words");
    api = std::make_unique<DataApiClient>(
        DataApiClient{*workspace, url}.schema(GetParam() == Way::function ? "Shop" : "public"));
  }
  Transaction transaction() const { return api->transaction(pq::transaction_runner(*pool)); }
  std::string sql(std::string const& select) const {
    return owner->exec("SELECT coalesce(string_agg(line::text, '; '), '') FROM (" + select + ") AS line")
        .value<std::string>();
  }

  static std::unique_ptr<testing::Emulator> emulator;
  static std::unique_ptr<pq::Connection> owner;
  static std::unique_ptr<WorkspaceClient> workspace;
  static std::unique_ptr<pq::ConnectionPool> pool;
  static std::string url;
  std::string schema{};
  std::unique_ptr<DataApiClient> api{};
};
std::unique_ptr<testing::Emulator> DataApiTransaction::emulator;
std::unique_ptr<pq::Connection> DataApiTransaction::owner;
std::unique_ptr<WorkspaceClient> DataApiTransaction::workspace;
std::unique_ptr<pq::ConnectionPool> DataApiTransaction::pool;
std::string DataApiTransaction::url;

TEST_P(DataApiTransaction, ChangesAllOrNothing) {
  auto const accounts = api->from("accounts");
  auto const transfers = api->from("transfers");
  auto opening = transaction();
  opening.add(accounts.insert(JsonText{R"([{"id":1,"owner":"ann","balance":100.50},{"id":2,"balance":0},{"id":3}])"})
                  .returning("id", "owner", "balance"));
  EXPECT_THAT(opening.execute().at(0).texts(), ElementsAre(JsonText{R"({"id":1,"owner":"ann","balance":100.50})"},
                                                           JsonText{R"({"id":2,"owner":"nobody","balance":0})"},
                                                           JsonText{R"({"id":3,"owner":"nobody","balance":null})"}));

  auto transfer = transaction();
  transfer.add(accounts.update(JsonText{R"({"balance":90.50})"}).where(col("id") == 1 && col("balance") == 100.5), 1)
      .add(accounts.update(JsonText{R"({"balance":10})"}).where(col("id") == 2 && col("balance") == 0).returning(), 1)
      .add(transfers.insert(JsonText{R"({"id":1,"source":1,"amount":10})"}));
  auto const results = transfer.execute();
  EXPECT_EQ(results.at(0).total, 1);
  EXPECT_THAT(results.at(0).texts(), IsEmpty());
  EXPECT_THAT(results.at(1).json.text, HasSubstr("\"balance\":10,"));
  EXPECT_EQ(sql("SELECT id, balance FROM " + schema + ".accounts ORDER BY id"), "(1,90.50); (2,10); (3,)");
  EXPECT_EQ(sql("SELECT * FROM " + schema + ".transfers"), "(1,1,10,none)");

  try {  // the same again: somebody was first
    transfer.execute();
    FAIL();
  } catch (DataApiError const& error) {
    EXPECT_EQ(error.code(), "PT409");
    EXPECT_TRUE(error.is_conflict());
    EXPECT_THAT(error.message(), HasSubstr("statement 1 (update accounts): it would change 0 rows instead of 1"));
    EXPECT_THAT(error.hint(), HasSubstr("read the rows again"));
  }
  try {
    auto broken = transaction();
    broken.add(accounts.remove().where(col("id") == 3)).add(accounts.insert(JsonText{R"({"id":2})"}));
    broken.execute();
    FAIL();
  } catch (DataApiError const& error) {
    EXPECT_EQ(error.sqlstate(), "23505");
    EXPECT_TRUE(error.is_conflict());
    EXPECT_THAT(error.message(), HasSubstr("statement 2 (insert accounts): duplicate key"));
    EXPECT_EQ(error.database_details(), "Key (id)=(2) already exists.");
  }
  EXPECT_EQ(sql("SELECT id, balance FROM " + schema + ".accounts ORDER BY id"), "(1,90.50); (2,10); (3,)");
}

TEST_P(DataApiTransaction, UpsertsAndRemoves) {
  auto const accounts = api->from("accounts");
  auto first = transaction();
  first
      .add(accounts.insert(JsonText{R"([{"id":1,"tags":["a","b"],"data":{"k":[{"l'":"x"}]}},{"id":2,"a.b \"c":"y"}])"}))
      .add(accounts.upsert(JsonText{R"([{"id":1,"owner":"new"},{"id":4,"owner":"four"}])"}))
      .add(accounts.upsert(JsonText{R"({"id":4,"owner":"other"})"}, {"id"}, Resolution::ignore_duplicates))
      .add(accounts.update(JsonText{"{}"}).where(col("id") == 1));
  auto const results = first.execute();
  EXPECT_EQ(results.at(1).total, 2);
  EXPECT_EQ(results.at(2).total, 0);
  EXPECT_EQ(results.at(3).total, 0);
  EXPECT_EQ(sql("SELECT id, owner, tags FROM " + schema + ".accounts ORDER BY id"),
            "(1,new,\"{a,b}\"); (2,nobody,); (4,four,)");

  auto second = transaction();
  second.add(accounts.remove().where(col("data")["k"][0].text("l'") == "x").returning(col("id").as("gone")), 1)
      .add(accounts.remove().where(col("a.b \"c") == "y"), 1)
      .add(accounts.remove().all_rows("id"), 1)
      .add(accounts.insert(std::vector<JsonText>{}));
  EXPECT_EQ(second.execute().at(0).json.text, R"([{"gone":1}])");
  EXPECT_EQ(sql("SELECT * FROM " + schema + ".accounts"), "");
}

TEST_P(DataApiTransaction, HasTheRightsOfTheCallerInItsSchemaOnly) {
  owner->exec("INSERT INTO " + schema + ".notes VALUES (1, 'somebody')");
  auto own = transaction();
  own.add(api->from("notes").insert(JsonText{R"({"id":2})"})).add(api->from("notes").remove().all_rows("id"));
  EXPECT_EQ(own.execute().at(1).total, 1);
  EXPECT_EQ(sql("SELECT * FROM " + schema + ".notes"), "(1,somebody)");

  auto const code_of = [&](Write const& write) {
    auto one = transaction();
    try {
      one.add(write).execute();
      return std::string{"none"};
    } catch (DataApiError const& error) {
      return error.code();
    }
  };
  EXPECT_EQ(code_of(api->from("closed").insert(JsonText{R"({"id":1})"})), "42501");
  EXPECT_EQ(code_of(api->from("hidden.t").insert(JsonText{R"({"id":1})"})), "42P01");
  EXPECT_EQ(code_of(api->from("hidden\".\"t").insert(JsonText{R"({"id":1})"})), "42P01");
  EXPECT_EQ(code_of(api->from("pg_authid").remove().all_rows("oid")), "42P01");
  EXPECT_EQ(code_of(api->from("words").insert(JsonText{R"({"id\") SELECT 1 --":1})"})), "42703");
  EXPECT_EQ(code_of(api->from("words").remove().where(col("id\" = 1 OR \"t") == "1")), "42703");
}

TEST_P(DataApiTransaction, WritesWhatASingleRequestWrites) {
  owner->exec("CREATE DOMAIN " + schema + ".word AS text NOT NULL");
  owner->exec("CREATE TABLE " + schema + ".odd (id int PRIMARY KEY, w " + schema +
              ".word DEFAULT 'unsaid', t text, list int[], j json, v tsvector)");
  owner->exec("CREATE FUNCTION " + schema + ".answer() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE SQLSTATE " +
              R"('PGRST' USING MESSAGE = '{"code":"OWN","message":"no","details":"why","hint":"do"}', )" +
              R"(DETAIL = '{"status":402,"headers":{}}'; END$$)");
  owner->exec("CREATE TRIGGER refuse BEFORE DELETE ON " + schema + ".odd FOR EACH ROW EXECUTE FUNCTION " + schema +
              ".answer()");
  owner->exec("GRANT ALL ON " + schema + ".odd TO \"" + ann + '"');
  owner->exec("NOTIFY pgrst, 'reload schema'");
  auto const odd = api->from("odd");

  // What is not written is not held against a domain that has no nulls.
  auto first = transaction();
  first.add(odd.insert(JsonText{R"({"id":1,"t":"fat cats","list":[5,6],"j":{"k":"fat cats"},"v":"fat"})"}))
      .add(odd.upsert(JsonText{R"({"id":1,"t":"fat cats"})"}))
      .add(odd.update(JsonText{R"({"t":"fat cats"})"}).where(col("id") == 1).returning("w"), 1);
  EXPECT_EQ(first.execute().at(2).json.text, R"([{"w":"unsaid"}])");
  auto null = transaction();
  null.add(odd.update(JsonText{R"({"w":null})"}).where(col("id") == 1));
  EXPECT_THROW(null.execute(), DataApiError);

  for (auto const& condition :
       {col("t").search("cats", "simple"), col("t").search("cat", "simple"), col("t").plain_search("cat"),
        col("j").search("cat", "english"), col("j").text("k").phrase_search("fat cats", "simple"),
        col("v").search("fat", "simple"), col("list")[0] == 5, col("list")[1] == 5}) {
    auto update = transaction();
    update.add(odd.update(JsonText{R"({"t":"fat cats"})"}).where(condition));
    EXPECT_EQ(update.execute().at(0).total, odd.select().where(condition).count())
        << condition.parameters().at(0).first << '=' << condition.parameters().at(0).second;
  }

  auto two = transaction();
  two.add(odd.update(JsonText{R"([{"t":"a"},{"t":"b"}])"}).where(col("id") == 1));
  EXPECT_THROW(two.execute(), DataApiError);
  EXPECT_EQ(sql("SELECT id, w, t FROM " + schema + ".odd"), "(1,unsaid,\"fat cats\")");

  // A function of the database has chosen the response.
  try {
    auto refused = transaction();
    refused.add(odd.remove().where(col("id") == 1)).execute();
    FAIL();
  } catch (DataApiError const& error) {
    EXPECT_EQ(error.code(), "OWN");
    EXPECT_EQ(error.message(), "no");
    EXPECT_EQ(error.database_details(), "why");
    EXPECT_EQ(error.database_hint(), "do");
  }
}

// Functions that fit its own calls better, in a schema that is searched.
TEST_P(DataApiTransaction, CallsNoFunctionOfOthersInItsOwnStead) {
  std::vector<std::string> const functions{"format(text, text, text)",      "format(text, text)",
                                           "concat_ws(text, text, text)",   "btrim(text, text)",
                                           "array_to_string(text[], text)", "quote_literal(text)"};
  for (auto const& function : functions) {
    owner->exec("CREATE FUNCTION " + schema + '.' + function + " RETURNS text LANGUAGE sql AS 'SELECT ''stolen'''");
  }
  if (GetParam() == Way::function) owner->exec(transaction_function("Shop"));
  auto both = transaction();
  both.add(api->from("words").insert(JsonText{R"([{"id":1,"t":"a"},{"id":2}])"}).returning("id"), 2)
      .add(api->from("words").update(JsonText{R"({"n":1})"}).where(col("t") == "a" || col("id").in({7, 8})), 1);
  EXPECT_EQ(both.execute().at(1).total, 1);
  EXPECT_EQ(sql("SELECT id, n FROM " + schema + ".words ORDER BY id"), "(1,1); (2,)");
  auto refused = transaction();
  refused.add(api->from("words").insert(JsonText{R"({"id":1})"}));
  try {
    refused.execute();
    FAIL();
  } catch (DataApiError const& error) {
    EXPECT_THAT(error.message(), HasSubstr("statement 1 (insert words): duplicate key"));
  }
  for (auto const& function : functions) {
    owner->exec("DROP FUNCTION " + schema + '.' + function);
  }
}

// The same conditions mean the same as in a single request.
TEST_P(DataApiTransaction, MeansTheSameByItsConditions) {
  std::vector<std::string> const texts{"",         "a",  "A%",   "a*b",  "it's", "\"q\"",
                                       "a,b.c(d)", "\\", "null", "true", "ü",    "{x}"};
  std::string rows;
  for (std::size_t i = 0; i < 60; ++i) {
    rows += (i == 0 ? "[" : ",") +
            to_json(JsonText{R"({"id":)" + std::to_string(i) + R"(,"n":)" +
                             (i % 7 == 0 ? "null" : std::to_string(i % 11)) + R"(,"t":)" +
                             (i % 13 == 0 ? "null" : lakebase::detail::encode_string(texts[i % texts.size()])) + "}"});
  }
  auto const words = api->from("words");
  words.insert(JsonText{rows + "]"}).execute();
  std::mt19937 random{20261127};
  auto const pick = [&](std::size_t count) { return std::uniform_int_distribution<std::size_t>{0, count - 1}(random); };
  auto const text = [&] { return texts[pick(texts.size())]; };
  auto const comparison = [&]() -> Condition {
    switch (pick(12)) {
      case 0:
        return col("n") == pick(11);
      case 1:
        return col("n") != pick(11);
      case 2:
        return col("n") < pick(11);
      case 3:
        return col("n") >= pick(11);
      case 4:
        return col("t") == text();
      case 5:
        return col("t").in({text(), text(), text()});
      case 6:
        return col("n").is_null();
      case 7:
        return col("t").is_distinct_from(text());
      case 8:
        return col("t").like("a%");
      case 9:
        return col("t").ilike("%A*_");
      case 10:
        return col("n").any_of({pick(11), pick(11)});
      default:
        return col("t").match("^[a-z]");
    }
  };
  for (int round = 0; round < 60; ++round) {
    auto condition = comparison();
    for (std::size_t more = pick(4); more > 0; --more) {
      condition = pick(2) == 0 ? condition && comparison() : comparison() || condition;
      if (pick(3) == 0) condition = !condition;
    }
    auto const expected = words.select("id").where(condition).order("id").get().json.text;
    auto update = transaction();
    update.add(words.update(JsonText{R"({"hit":)" + std::to_string(round) + "}"}).where(condition));
    update.execute();
    EXPECT_EQ(words.select("id").where(col("hit") == round).order("id").get().json.text, expected) << round;
  }
}

INSTANTIATE_TEST_SUITE_P(ByBothWays, DataApiTransaction, ::testing::Values(Way::function, Way::runner),
                         [](auto const& test) { return test.param == Way::function ? "Function" : "Runner"; });

}  // namespace
}  // namespace lakebase::tests
