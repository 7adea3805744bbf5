// What a Connection does, against a real server.

#include <algorithm>
#include <concepts>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <ranges>
#include <thread>

#include <gmock/gmock.h>
#include <libpq-fe.h>

#include <lakebase/pq/connect.hpp>

#include "support/counting_credentials.hpp"
#include "support/fake_server.hpp"
#include "support/local_postgres.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Connection open() {
  return connect(LocalPostgres::instance().source());
}

void terminate(Connection const& victim) {
  open().exec("SELECT pg_terminate_backend($1)", {victim.backend_pid()});
}

TEST(PgConnection, ReadsValuesOfAllKinds) {
  auto connection = open();
  auto const result = connection.exec(
      "SELECT $1::int8 AS a, $2::text AS b, $3::text AS c, $4::bool AS d, $5::float8 AS e, $6::bytea AS f",
      {9'223'372'036'854'775'807, "O'Hara\n\\", nullptr, true, 0.1, Bytes{std::string_view{"\0\1", 2}}});
  auto const row = result[0];
  EXPECT_EQ(row["a"].as<std::int64_t>(), 9'223'372'036'854'775'807);
  EXPECT_EQ(row["b"].text(), "O'Hara\n\\");
  EXPECT_TRUE(row[2].is_null());
  EXPECT_EQ(row["c"].as<std::optional<std::string>>(), std::nullopt);
  EXPECT_TRUE(row["d"].as<bool>());
  EXPECT_EQ(row["e"].as<double>(), 0.1);
  EXPECT_EQ(row["f"].text(), "\\x0001");
  EXPECT_THROW(static_cast<void>(row["b"].as<int>()), ParseError);
  EXPECT_THROW(static_cast<void>(row["c"].as<int>()), ParseError);
  EXPECT_THROW(static_cast<void>(row["z"]), InvalidArgument);
  EXPECT_EQ(connection.exec("SELECT 1").value<int>(), 1);
}

TEST(PgConnection, GivesRowsToTheAlgorithms) {
  using Iterator = Result::iterator;
  static_assert(std::random_access_iterator<Iterator>);
  static_assert(std::same_as<std::iterator_traits<Iterator>::iterator_category, std::input_iterator_tag>);
  static_assert(std::ranges::random_access_range<Result const> && std::ranges::sized_range<Result const>);
  static_assert(std::input_iterator<RowStream::iterator> && !std::forward_iterator<RowStream::iterator>);
  static_assert(std::ranges::input_range<RowStream>);

  auto connection = open();
  auto const result = connection.exec("SELECT g AS n FROM generate_series(1, 100) g");
  auto const n = [](Row const& row) { return row["n"].as<int>(); };
  EXPECT_EQ(std::ranges::count_if(result, [&](Row const& row) { return n(row) % 3 == 0; }), 33);
  EXPECT_EQ(n(*std::ranges::lower_bound(result, 42, {}, n)), 42);
  std::vector<Row> backwards;
  std::ranges::reverse_copy(result, std::back_inserter(backwards));
  EXPECT_EQ(n(backwards.at(0)), 100);
  std::vector<int> numbers;
  std::transform(result.begin(), result.end(), std::back_inserter(numbers), n);
  EXPECT_EQ(numbers.at(99), 100);
  auto it = result.begin();
  EXPECT_EQ(n(*it++), 1);
  EXPECT_EQ(n(*it--), 2);
  EXPECT_EQ(n(it[9]), 10);
  EXPECT_EQ(n(*(it += 4)), 5);
  EXPECT_EQ(n(*(2 + it - 1)), 6);
  EXPECT_EQ(result.end() - it, 96);
  EXPECT_LT(it, result.end());
}

TEST(PgConnection, LetsNothingReferToAResultThatIsGone) {
  static_assert(std::same_as<decltype(std::declval<Result const&>().command()), std::string_view>);
  static_assert(std::same_as<decltype(std::declval<Result>().command()), std::string>);
  static_assert(std::same_as<decltype(std::declval<Result>().column_name(0)), std::string>);
  auto connection = open();
  EXPECT_EQ(connection.exec("SELECT 1 AS one").column_name(0), "one");
  EXPECT_EQ(connection.exec("SELECT 1").command(), "SELECT 1");
  int sum = 0;
  for (Row const row : connection.exec("SELECT generate_series(1, 3)")) sum += row[0].as<int>();
  EXPECT_EQ(sum, 6);
  auto pipeline = connection.pipeline();
  pipeline.add("SELECT 'kept'");
  auto const result = pipeline.run()[0];
  EXPECT_EQ(result.value<std::string_view>(), "kept");
  pipeline.add("SELECT 1");
  std::vector<Result> const list = pipeline.run();
  EXPECT_EQ(list.size(), 1U);
}

TEST(PgConnection, CountsTheRowsThatItChanged) {
  auto connection = open();
  EXPECT_EQ(connection.exec("CREATE TEMP TABLE t (a int)").affected_rows(), 0U);
  EXPECT_EQ(connection.exec("INSERT INTO t SELECT generate_series(1, 3)").affected_rows(), 3U);
  EXPECT_EQ(connection.exec("UPDATE t SET a = 0 WHERE a > 1").affected_rows(), 2U);
  EXPECT_EQ(connection.exec("SELECT * FROM t").affected_rows(), 3U);
  EXPECT_EQ(connection.exec("DELETE FROM t WHERE a = 1").affected_rows(), 1U);
}

TEST(PgConnection, PassesNoticesOn) {
  std::vector<std::string> notices;
  auto connection = connect(LocalPostgres::instance().source(),
                            {.on_notice = [&](std::string const& notice) { notices.push_back(notice); }});
  connection.exec("DO $$ BEGIN RAISE NOTICE 'on we go'; RAISE WARNING 'with care'; END $$");
  EXPECT_THAT(notices, ElementsAre(HasSubstr("on we go"), HasSubstr("with care")));
}

TEST(PgConnection, RefusesWhatLibpqWouldCutShort) {
  auto connection = open();
  std::string const with_nul{"a\0b", 3};
  EXPECT_THROW(connection.exec("SELECT $1::text", {with_nul}), InvalidArgument);
  EXPECT_THROW(connection.exec("SELECT '" + with_nul + "'"), InvalidArgument);
  EXPECT_THROW(connection.prepare("q", "SELECT '" + with_nul + "'"), InvalidArgument);
  EXPECT_THROW(static_cast<void>(connection.quote_literal(with_nul)), InvalidArgument);
  EXPECT_EQ(connection.exec("SELECT length($1::bytea)", {Bytes{with_nul}}).value<int>(), 3);
}

TEST(PgConnection, SaysWhereACopyBelongs) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE t (a int)");
  EXPECT_THROW(connection.exec("COPY (SELECT generate_series(1, 10000000)) TO STDOUT"), InvalidArgument);
  EXPECT_THROW(connection.exec("COPY t FROM STDIN"), InvalidArgument);
  EXPECT_EQ(connection.exec("SELECT 1").value<int>(), 1);
}

TEST(PgConnection, SaysThatAPipelineCannotCopy) {
  auto const copies = {"COPY copied FROM STDIN", "COPY copied TO STDOUT",
                       "COPY (SELECT generate_series(1, 1000000)) TO STDOUT"};
  for (auto const* const copy : copies) {
    for (std::size_t const place : {0U, 1U, 2U}) {
      auto connection = open();
      connection.exec("CREATE TEMP TABLE copied (a int)");
      auto pipeline = connection.pipeline();
      for (std::size_t i = 0; i < 3; ++i) pipeline.add(i == place ? copy : "SELECT 1");
      auto const start = std::chrono::steady_clock::now();
      try {
        pipeline.run({.timeout = 10s});
        ADD_FAILURE() << copy;
      } catch (InvalidArgument const& error) {
        EXPECT_THAT(error.what(), HasSubstr("statement " + std::to_string(place + 1)));
        EXPECT_THAT(error.what(), HasSubstr("copy_in or copy_out"));
      }
      EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
      EXPECT_FALSE(connection.alive());
      ASSERT_TRUE(connection.broken());
      EXPECT_THAT(connection.broken()->what(), HasSubstr("copies"));
    }
  }
}

TEST(PgConnection, RunsAPipelineAfterAStream) {
  auto connection = open();
  for (Row const row : connection.stream("SELECT 1")) EXPECT_EQ(row.size(), 1);
  auto pipeline = connection.pipeline();
  pipeline.add("SELECT generate_series(1, 3)");
  pipeline.add("SELECT 2");
  auto const results = pipeline.run();
  EXPECT_EQ(results[0].size(), 3);
  EXPECT_EQ(results[1].value<int>(), 2);
}

TEST(PgConnection, SaysThatAStreamCannotCopy) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE t (a int)");
  auto const message_of = [&](char const* sql) -> std::string {
    try {
      auto stream = connection.stream(sql);
      static_cast<void>(stream.next());
    } catch (Error const& error) {
      return error.what();
    }
    return "streamed";
  };
  EXPECT_THAT(message_of("COPY t FROM STDIN"), HasSubstr("use copy_in"));
  EXPECT_THAT(message_of("COPY t TO STDOUT"), HasSubstr("use copy_out"));
  EXPECT_THAT(message_of("COPY (SELECT generate_series(1, 10000000)) TO STDOUT"), HasSubstr("use copy_out"));
  EXPECT_EQ(connection.exec("SELECT 1").value<int>(), 1);
}

TEST(PgConnection, LosesNothingToAnErrorThatOnlyNamesALoss) {
  auto connection = open();
  for (std::string const state : {"08000", "08006", "08P01", "57P01", "57P02", "57P03", "57P05", "25P03"}) {
    try {
      connection.exec("DO $$ BEGIN RAISE EXCEPTION 'as told' USING ERRCODE = '" + state + "'; END $$");
      ADD_FAILURE() << "succeeded";
    } catch (ConnectionError const& error) {
      ADD_FAILURE() << state << " was taken for a loss";
    } catch (PgError const& error) {
      EXPECT_EQ(error.sqlstate(), state);
      EXPECT_FALSE(error.retryable());
    }
    EXPECT_TRUE(connection.alive());
  }
  connection.prepare("two", "SELECT $1::int + $2::int");
  try {
    connection.exec_prepared("two", {1});
    ADD_FAILURE() << "succeeded";
  } catch (PgError const& error) {
    EXPECT_EQ(error.sqlstate(), "08P01");
    EXPECT_FALSE(error.retryable());
  }
  EXPECT_EQ(connection.exec("SELECT 1").value<int>(), 1);
}

TEST(PgConnection, NamesTheColumnTheRowAndTheTypesOfAValueThatCannotBeRead) {
  auto connection = open();
  auto const message_of = [](auto&& action) -> std::string {
    try {
      action();
    } catch (ParseError const& error) {
      return error.what();
    }
    return "read";
  };
  auto const result = connection.exec(
      "SELECT 1 AS id, g::text || ' apples' AS stock, NULL::numeric AS price FROM generate_series(1, 3) g");
  EXPECT_EQ(message_of([&] { static_cast<void>(result[2]["stock"].as<int>()); }),
            "column \"stock\" (text, oid 25) of row 2 holds 8 characters that cannot be read as int");
  EXPECT_EQ(message_of([&] { static_cast<void>(result[1]["price"].as<double>()); }),
            "column \"price\" (numeric, oid 1700) of row 1 is NULL, which double cannot hold. Ask for "
            "std::optional<double>");
  EXPECT_THAT(message_of([&] { static_cast<void>(result[0]["id"].as<bool>()); }), HasSubstr("int4, oid 23"));
  EXPECT_THAT(message_of([&] {
                for (Row const row : connection.stream("SELECT CASE g WHEN 3 THEN 'x' ELSE '1' END AS n FROM "
                                                       "generate_series(1, 5) g")) {
                  static_cast<void>(row["n"].as<int>());
                }
              }),
              HasSubstr("\"n\" (text, oid 25) of row 2"));
}

TEST(PgConnection, KeepsTheFirstErrorOfSeveralStatements) {
  auto connection = open();
  try {
    connection.exec("SELECT 1; SELECT 1/0; SELECT no_such_column");
    ADD_FAILURE() << "succeeded";
  } catch (PgError const& error) {
    EXPECT_EQ(error.sqlstate(), "22012");
    EXPECT_EQ(error.message(), "division by zero");
  }
  EXPECT_TRUE(connection.alive());
}

TEST(PgConnection, SaysWhereAnErrorHasNoMessage) {
  auto connection = open();
  for (auto const* const text : {"''", "' '"}) {
    try {
      connection.exec("DO $$ BEGIN RAISE EXCEPTION " + std::string{text} + "; END $$");
      ADD_FAILURE() << "succeeded";
    } catch (PgError const& error) {
      EXPECT_STREQ(error.what(), "P0001: (no message)");
      EXPECT_THAT(error.pg().context, HasSubstr("PL/pgSQL"));
    }
  }
}

std::string hint_of_a_write(Connection& connection, std::initializer_list<char const*> before) {
  try {
    for (auto const* const sql : before) connection.exec(sql);
    connection.exec("CREATE TABLE not_made ()");
  } catch (PgError const& error) {
    EXPECT_EQ(error.sqlstate(), "25006");
    return error.hint();
  }
  return "no error";
}

TEST(PgConnection, SaysWhetherTheTransactionOnlyReadsOrMore) {
  auto const own = AllOf(HasSubstr("The transaction is read-only"), Not(HasSubstr("replica")));
  auto set = open();
  EXPECT_THAT(hint_of_a_write(set, {"BEGIN", "SET TRANSACTION READ ONLY"}), own);
  auto begun = open();
  EXPECT_THAT(hint_of_a_write(begun, {"BEGIN READ ONLY"}), own);
  auto by_default = open();
  EXPECT_THAT(hint_of_a_write(by_default, {"SET default_transaction_read_only = on"}),
              HasSubstr("default_transaction_read_only is on here"));
}

TEST(PgConnection, SaysWhereAServerThatOnlyReadsIsAReplica) {
  auto const hint_after = [](std::string const& told) {
    Conversation const server_that_reads{.on_query = [=](std::string const&) -> std::optional<std::string> {
      return told + error_message("ERROR", "25006", "cannot execute CREATE TABLE in a read-only transaction") +
             std::string{"Z\0\0\0\5I", 6};
    }};
    FakeServer const server{{server_that_reads}};
    auto connection = connect(server.source(std::make_shared<CountingCredentials>()));
    return hint_of_a_write(connection, {});
  };
  EXPECT_THAT(hint_after(message('S', std::string{"in_hot_standby\0on\0", 18})), HasSubstr("is a replica"));
  EXPECT_THAT(hint_after(""), AllOf(HasSubstr("Either the transaction"), HasSubstr("a replica")));
}

TEST(PgConnection, KeepsTheSqlstateOfASessionThatDiesInAStatement) {
  auto connection = open();
  std::jthread const killer{[&] {
    std::this_thread::sleep_for(50ms);
    terminate(connection);
  }};
  try {
    connection.exec("SELECT pg_sleep(30)");
    ADD_FAILURE() << "slept";
  } catch (ConnectionError const& error) {
    EXPECT_EQ(error.sqlstate(), "57P01");
    EXPECT_TRUE(error.maybe_ran());
  }
  EXPECT_FALSE(connection.alive());
  try {
    connection.exec("SELECT 1");
    ADD_FAILURE() << "ran";
  } catch (ConnectionError const& error) {
    EXPECT_EQ(error.sqlstate(), "57P01");  // still the first error
    EXPECT_FALSE(error.maybe_ran());
  }
}

TEST(PgConnection, NoticesThatItDiedWhileIdle) {
  auto connection = open();
  EXPECT_TRUE(connection.alive());
  terminate(connection);
  std::this_thread::sleep_for(50ms);
  EXPECT_FALSE(connection.alive());
  ASSERT_TRUE(connection.broken());
  EXPECT_EQ(connection.broken()->sqlstate(), "57P01");
}

// What the server does to sessions that idle: 57P05, and 25P03 in a transaction.
TEST(PgConnection, KeepsTheSqlstateOfAnIdleTimeout) {
  for (auto const& [sql, sqlstate] : {std::pair{"SET idle_session_timeout = 1", "57P05"},
                                      std::pair{"SET idle_in_transaction_session_timeout = 1; BEGIN", "25P03"}}) {
    auto connection = open();
    connection.exec(sql);
    while (connection.alive()) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(connection.broken()->sqlstate(), sqlstate);
    EXPECT_THROW(connection.exec("SELECT 1"), ConnectionError);
  }
}

// Variables that a login of another program may need, and that would redirect or break ours.
TEST(PgConnection, IsNotMisledByStrayVariables) {
  constexpr std::pair<char const*, char const*> strays[] = {{"PGHOSTADDR", "192.0.2.1"},
                                                            {"PGOPTIONS", "-c search_path=stray"},
                                                            {"PGSSLMODE", "disable"},
                                                            {"PGCHANNELBINDING", "require"},
                                                            {"PGPASSWORD", "stray"},
                                                            {"PGTARGETSESSIONATTRS", "standby"},
                                                            {"PGGSSENCMODE", "require"},
                                                            {"PGCLIENTENCODING", "LATIN1"},
                                                            {"PGUSER", "stray"},
                                                            {"PGDATABASE", "stray"},
                                                            {"PGPORT", "1"},
                                                            {"PGREQUIREAUTH", "none"},
                                                            {"PGSSLMAXPROTOCOLVERSION", "TLSv1"},
                                                            {"PGSSLCERTMODE", "require"},
                                                            {"PGSSLNEGOTIATION", "direct"},
                                                            {"PGMINPROTOCOLVERSION", "3.2"},
                                                            {"PGCONNECT_TIMEOUT", "not a number"}};
  auto source = LocalPostgres::instance().source();
  source.parameters.hostaddr.clear();
  for (auto const& [name, value] : strays) ::setenv(name, value, 1);
  try {
    auto connection = connect(source, {.max_attempts = 1});
    EXPECT_EQ(connection.exec("SELECT current_user").value<std::string>(), "tester");
    EXPECT_NE(connection.exec("SHOW search_path").value<std::string>(), "stray");
    EXPECT_EQ(connection.parameter("client_encoding"), "UTF8");
    EXPECT_EQ(PQsslInUse(connection.native()), 1);
  } catch (Error const& error) {
    ADD_FAILURE() << error.what();
  }
  for (auto const& [name, value] : strays) ::unsetenv(name);
}

TEST(PgConnection, CancelsAtADeadlineAndLivesOn) {
  auto connection = open();
  auto const start = std::chrono::steady_clock::now();
  try {
    connection.exec("SELECT pg_sleep(30)", {}, {.timeout = 50ms});
    ADD_FAILURE() << "slept";
  } catch (StatementTimeout const& error) {
    EXPECT_EQ(error.sqlstate(), "57014");
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  EXPECT_EQ(connection.exec("SELECT 1").value<int>(), 1);
}

TEST(PgConnection, TakesAnyTimeoutOfAStatement) {
  auto connection = open();
  constexpr auto for_ever = std::chrono::nanoseconds::max();
  EXPECT_EQ(connection.exec("SELECT 1 FROM pg_sleep(0.05)", {}, {.timeout = for_ever}).value<int>(), 1);
  connection.listen("any_timeout");
  connection.exec("NOTIFY any_timeout");
  EXPECT_TRUE(connection.wait_notification({.timeout = for_ever}));
  for (auto const span : {0ns, -1ns, std::chrono::nanoseconds::min()}) {
    EXPECT_THROW(connection.exec("SELECT pg_sleep(30)", {}, {.timeout = span}), StatementTimeout);
    EXPECT_FALSE(connection.wait_notification({.timeout = span}));
  }
}

TEST(PgConnection, CancelsAtAStopRequest) {
  auto connection = open();
  std::stop_source stop;
  std::jthread const stopper{[&] {
    std::this_thread::sleep_for(50ms);
    stop.request_stop();
  }};
  EXPECT_THROW(connection.exec("SELECT pg_sleep(30)", {}, {.stop = stop.get_token()}), Cancelled);
  EXPECT_EQ(connection.exec("SELECT 1").value<int>(), 1);
}

TEST(PgConnection, PreparesOnce) {
  auto connection = open();
  connection.prepare("add", "SELECT $1::int + $2::int");
  connection.prepare("add", "SELECT $1::int + $2::int");
  EXPECT_EQ(connection.exec_prepared("add", {2, 3}).value<int>(), 5);
}

// Over another session, so that this one's library hears nothing of it.
void elsewhere(std::string const& sql) {
  open().exec(sql);
}

// Drops a name without a command tag that says so.
void drop_unseen(Statements& statements, std::string const& name) {
  statements.exec("DO $$ BEGIN EXECUTE 'DEALLOCATE " + name + "'; END $$");
}

TEST(PgPrepared, HealsANameThatTheServerDropped) {
  auto connection = open();
  connection.prepare("q", "SELECT $1::int + 1");
  drop_unseen(connection, "q");
  EXPECT_EQ(connection.exec_prepared("q", {1}).value<int>(), 2);
  for (auto const* const drop : {"DISCARD ALL", "DEALLOCATE ALL", "DEALLOCATE q", "SELECT 1; DEALLOCATE q; SELECT 2"}) {
    connection.exec(drop);
    EXPECT_EQ(connection.exec_prepared("q", {1}).value<int>(), 2) << drop;
    connection.exec(drop);
    connection.prepare("q", "SELECT $1::int + 1");
    EXPECT_EQ(connection.exec_prepared("q", {1}).value<int>(), 2) << drop;
  }
}

TEST(PgPrepared, PreparesAnotherTextUnderANameThatWasDropped) {
  auto connection = open();
  connection.prepare("q", "SELECT 1");
  EXPECT_THROW(connection.prepare("q", "SELECT 2"), PgError);
  EXPECT_EQ(connection.exec_prepared("q").value<int>(), 1);
  connection.exec("DEALLOCATE q");
  connection.prepare("q", "SELECT 2");
  EXPECT_EQ(connection.exec_prepared("q").value<int>(), 2);
}

TEST(PgPrepared, HealsAfterAMigrationElsewhere) {
  elsewhere("DROP TABLE IF EXISTS migrated; CREATE TABLE migrated (a int); INSERT INTO migrated VALUES (1)");
  auto connection = open();
  connection.prepare("q", "SELECT * FROM migrated");
  connection.prepare("other", "SELECT 1");
  EXPECT_EQ(connection.exec_prepared("q").columns(), 1);
  elsewhere("ALTER TABLE migrated ADD COLUMN b int");
  EXPECT_EQ(connection.exec_prepared("q").columns(), 2);
  EXPECT_EQ(connection.exec_prepared("other").value<int>(), 1);
  elsewhere("ALTER TABLE migrated ADD COLUMN c int");
  auto pipeline = connection.pipeline();
  pipeline.add_prepared("q");
  pipeline.add_prepared("other");
  EXPECT_EQ(pipeline.run()[0].columns(), 3);
}

TEST(PgPrepared, HealsAfterTheTransactionThatItHarmed) {
  elsewhere("DROP TABLE IF EXISTS harmed; CREATE TABLE harmed (a int)");
  auto connection = open();
  connection.prepare("q", "SELECT * FROM harmed");
  connection.exec_prepared("q");
  connection.prepare("dropped", "SELECT 1");
  for (std::string const name : {"q", "dropped"}) {
    if (name == "q") {
      elsewhere("ALTER TABLE harmed ADD COLUMN b int");
    } else {
      drop_unseen(connection, name);
    }
    {
      auto transaction = connection.begin();
      try {
        transaction.exec_prepared(name);
        ADD_FAILURE() << "ran";
      } catch (PgError const& error) {
        EXPECT_EQ(error.sqlstate(), name == "q" ? "0A000" : "26000");
        EXPECT_EQ(error.pg().routine, name == "q" ? "RevalidateCachedQuery" : "FetchPreparedStatement");
        EXPECT_TRUE(error.retryable());
      }
      EXPECT_THROW(transaction.exec_prepared(name), PgError);  // as the transaction has failed
    }
    EXPECT_EQ(connection.transact([&](Transaction& t) { return t.exec_prepared(name).size(); }), name == "q" ? 0 : 1);
  }
}

TEST(PgPrepared, TellsTheErrorOfWhatTheStatementCalls) {
  auto connection = open();
  connection.exec(
      "CREATE FUNCTION pg_temp.fails(code text) RETURNS int LANGUAGE plpgsql AS "
      "$$ BEGIN RAISE EXCEPTION 'as told' USING ERRCODE = code; END $$");
  connection.prepare("q", "SELECT pg_temp.fails($1)");
  for (auto const* const state : {"26000", "0A000"}) {
    try {
      connection.exec_prepared("q", {state});
      ADD_FAILURE() << "ran";
    } catch (PgError const& error) {
      EXPECT_EQ(error.sqlstate(), state);
      EXPECT_FALSE(error.retryable());
    }
  }
  EXPECT_EQ(
      connection.exec("SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE name = 'q'").value<int>(),
      2);  // run twice, and prepared once
}

TEST(PgPrepared, TakesOverANameThatStandsForTheSame) {
  auto connection = open();
  auto const prepare_unseen = [&](char const* name, char const* sql) {
    PGconn* const handle = connection.native();
    PQsetnonblocking(handle, 0);
    PQclear(PQprepare(handle, name, sql, 0, nullptr));
    PQsetnonblocking(handle, 1);
  };
  prepare_unseen("same", "SELECT 1");
  prepare_unseen("same_inside", "SELECT 2");
  prepare_unseen("different", "SELECT 3");
  connection.prepare("same", "SELECT 1");
  EXPECT_EQ(connection.exec_prepared("same").value<int>(), 1);
  EXPECT_THROW(connection.prepare("different", "SELECT 4"), PgError);
  EXPECT_THROW(connection.transact([](Transaction& t) { t.prepare("same_inside", "SELECT 2"); }), PgError);
  connection.transact([](Transaction& t) {
    t.prepare("same_inside", "SELECT 2");
    EXPECT_EQ(t.exec_prepared("same_inside").value<int>(), 2);
  });
}

TEST(PgPrepared, RemembersNothingOfTheUnnamedStatement) {
  auto connection = open();
  connection.prepare("", "SELECT 1");
  connection.exec("SELECT $1::int", {2});  // takes its place
  connection.prepare("", "SELECT 1");
  EXPECT_EQ(connection.exec_prepared("").value<int>(), 1);
}

TEST(PgConnection, StreamsRows) {
  auto connection = open();
  std::int64_t sum = 0;
  for (Row const row : connection.stream("SELECT generate_series(1, $1::int)", {10000})) sum += row[0].as<int>();
  EXPECT_EQ(sum, 50005000);
  EXPECT_EQ(connection.exec("SELECT 1").value<int>(), 1);
}

TEST(PgConnection, CancelsAStreamThatIsLetGo) {
  auto connection = open();
  {
    auto stream = connection.stream("SELECT generate_series(1, 100000000)");
    EXPECT_EQ((*stream.next())[0].as<int>(), 1);
  }
  EXPECT_EQ(connection.exec("SELECT 1").value<int>(), 1);
}

TEST(PgConnection, ReportsAnErrorInTheMiddleOfAStream) {
  auto connection = open();
  int rows = 0;
  try {
    for (Row const row : connection.stream("SELECT 1 / (50 - g) FROM generate_series(1, 100) g")) rows += row.size();
    ADD_FAILURE() << "no error";
  } catch (PgError const& error) {
    EXPECT_EQ(error.sqlstate(), "22012");
  }
  EXPECT_EQ(rows, 49);
  EXPECT_EQ(connection.exec("SELECT 1").value<int>(), 1);
}

TEST(PgConnection, LivesForAsLongAsWhatWasMadeFromIt) {
  std::int64_t sum = 0;
  for (Row const row : open().stream("SELECT generate_series(1, 3)")) sum += row[0].as<int>();
  EXPECT_EQ(sum, 6);
  auto transaction = open().begin();
  EXPECT_EQ(transaction.exec("SELECT 1").value<int>(), 1);
  auto pipeline = open().pipeline();
  pipeline.add("SELECT 2");
  EXPECT_EQ(pipeline.run()[0].value<int>(), 2);
}

TEST(PgConnection, EndsAStreamOrACopyThatIsAssignedOver) {
  auto connection = open();
  auto stream = connection.stream("SELECT generate_series(1, 100000000)");
  stream = open().stream("SELECT 2");
  EXPECT_EQ(connection.exec("SELECT 1").value<int>(), 1);
  auto out = connection.copy_out("COPY (SELECT generate_series(1, 10000000)) TO STDOUT");
  out = open().copy_out("COPY (SELECT 2) TO STDOUT");
  EXPECT_EQ(connection.exec("SELECT 1").value<int>(), 1);
  connection.exec("CREATE TEMP TABLE t (a int)");
  auto in = connection.copy_in("COPY t FROM STDIN");
  in.write("1\n");
  auto other = open();
  other.exec("CREATE TEMP TABLE t (a int)");
  in = other.copy_in("COPY t FROM STDIN");
  EXPECT_EQ(connection.exec("SELECT count(*) FROM t").value<int>(), 0);
}

TEST(PgConnection, CopiesInAndOut) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE t (a int, b text)");
  auto in = connection.copy_in("COPY t FROM STDIN");
  std::string rows;
  for (int i = 0; i < 100000; ++i) rows += std::to_string(i) + "\ttext\n";
  in.write(rows);
  EXPECT_EQ(in.finish(), 100000U);
  auto out = connection.copy_out("COPY t TO STDOUT");
  std::size_t bytes = 0;
  while (auto const piece = out.read()) bytes += piece->size();
  EXPECT_EQ(bytes, rows.size());
  EXPECT_EQ(connection.exec("SELECT count(*) FROM t").value<int>(), 100000);
}

TEST(PgConnection, KeepsNoRowOfACopyThatIsLetGo) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE t (a int)");
  { connection.copy_in("COPY t FROM STDIN").write("1\n2\n"); }
  EXPECT_EQ(connection.exec("SELECT count(*) FROM t").value<int>(), 0);
  {
    auto out = connection.copy_out("COPY (SELECT generate_series(1, 10000000)) TO STDOUT");
    EXPECT_EQ(out.read(), "1\n");
  }
  EXPECT_EQ(connection.exec("SELECT 1").value<int>(), 1);
}

TEST(PgConnection, ReportsTheErrorOfACopy) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE t (a int)");
  auto in = connection.copy_in("COPY t FROM STDIN");
  in.write("not a number\n");
  try {
    in.finish();
    ADD_FAILURE() << "copied";
  } catch (PgError const& error) {
    EXPECT_EQ(error.sqlstate(), "22P02");
  }
  EXPECT_THROW(static_cast<void>(connection.copy_in("COPY t TO STDOUT")), InvalidArgument);
  EXPECT_THROW(static_cast<void>(connection.copy_in("SELECT 1")), InvalidArgument);
  EXPECT_EQ(connection.exec("SELECT 1").value<int>(), 1);
}

TEST(PgConnection, RunsAPipeline) {
  auto connection = open();
  auto pipeline = connection.pipeline();
  for (int i = 0; i < 1000; ++i) pipeline.add("SELECT $1::int * 2", {i});
  auto const results = pipeline.run();
  ASSERT_EQ(results.size(), 1000U);
  EXPECT_EQ(results[999].value<int>(), 1998);
}

TEST(PgConnection, TellsTheFirstErrorOfAPipelineWhichHasNoEffectThen) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE t (a int)");
  auto pipeline = connection.pipeline();
  pipeline.add("INSERT INTO t VALUES (1)");
  pipeline.add("SELECT 1/0");
  pipeline.add("INSERT INTO t VALUES (2)");
  try {
    pipeline.run();
    ADD_FAILURE() << "ran";
  } catch (PgError const& error) {
    EXPECT_EQ(error.sqlstate(), "22012");
  }
  EXPECT_EQ(connection.exec("SELECT count(*) FROM t").value<int>(), 0);
}

TEST(PgConnection, SendsNothingOfAPipelineThatCannotBeSent) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE t (a int)");
  auto pipeline = connection.pipeline();
  pipeline.add("INSERT INTO t VALUES (1)");
  pipeline.add("SELECT 1", std::vector<Param>(65536, Param{1}));
  EXPECT_THROW(pipeline.run(), InvalidArgument);
  EXPECT_EQ(connection.exec("SELECT count(*) FROM t").value<int>(), 0);
}

TEST(PgConnection, SendsAPipelineThatIsLargerThanAllBuffers) {
  auto connection = open();
  auto pipeline = connection.pipeline();
  std::string const large(200000, 'x');
  for (int i = 0; i < 100; ++i) pipeline.add("SELECT $1::text", {large});
  EXPECT_EQ(pipeline.run().size(), 100U);
}

TEST(PgConnection, Listens) {
  auto listener = open();
  listener.listen("odd \"channel\"");
  EXPECT_FALSE(listener.wait_notification({.timeout = 10ms}));
  open().exec("SELECT pg_notify('odd \"channel\"', 'hello')");
  auto const notification = listener.wait_notification({.timeout = 5s});
  ASSERT_TRUE(notification);
  EXPECT_EQ(notification->payload, "hello");
  std::stop_source stop;
  std::jthread const stopper{[&] { stop.request_stop(); }};
  EXPECT_THROW(static_cast<void>(listener.wait_notification({.stop = stop.get_token()})), Cancelled);
  terminate(listener);
  EXPECT_THROW(static_cast<void>(listener.wait_notification({.timeout = 5s})), ConnectionError);
}

TEST(PgConnection, ListensNoLonger) {
  auto connection = open();
  connection.listen("odd \"channel\"");
  connection.exec("SELECT pg_notify('odd \"channel\"', '')");  // a session hears itself at once
  EXPECT_TRUE(connection.wait_notification({.timeout = 0ns}));
  connection.unlisten("odd \"channel\"");
  connection.exec("SELECT pg_notify('odd \"channel\"', '')");
  EXPECT_FALSE(connection.wait_notification({.timeout = 0ns}));
}

TEST(PgTransaction, CommitsAndRollsBack) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE t (a int)");
  connection.transact([](Transaction& t) { t.exec("INSERT INTO t VALUES (1)"); });
  { connection.begin().exec("INSERT INTO t VALUES (2)"); }
  EXPECT_THROW(connection.transact([](Transaction& t) {
    t.exec("INSERT INTO t VALUES (3)");
    throw std::runtime_error("no");
  }),
               std::runtime_error);
  EXPECT_EQ(connection.transact([](Transaction& t) { return t.exec("SELECT sum(a) FROM t").value<int>(); }), 1);
  EXPECT_THROW(connection.transact([](Transaction& t) { t.exec("SELECT 1/0"); }), PgError);
  EXPECT_EQ(connection.exec("SELECT count(*) FROM t").value<int>(), 1);
}

TEST(PgTransaction, SaysThatACommitWasARollback) {
  auto connection = open();
  auto transaction = connection.begin();
  EXPECT_THROW(transaction.exec("SELECT 1/0"), PgError);
  try {
    transaction.commit();
    ADD_FAILURE() << "committed";
  } catch (PgError const& error) {
    EXPECT_EQ(error.sqlstate(), "25P02");
  }
  EXPECT_TRUE(connection.alive());
}

TEST(PgTransaction, NoticesThatAStatementHasEndedIt) {
  auto connection = open();
  for (auto const* end : {"COMMIT", "ROLLBACK", "SELECT 1; COMMIT"}) {
    auto transaction = connection.begin({.track_commit = true});
    transaction.exec(end);
    transaction.exec("SELECT 1");
    try {
      transaction.commit();
      ADD_FAILURE() << end;
    } catch (InvalidArgument const& error) {
      EXPECT_THAT(error.what(), HasSubstr("was ended by one of its statements")) << end;
      EXPECT_THAT(error.what(), HasSubstr("commit()")) << end;
    }
    EXPECT_FALSE(transaction.open());
  }
  EXPECT_EQ(connection.transact([](Transaction& tx) { return tx.exec("SELECT 1").value<int>(); }), 1);
}

TEST(PgTransaction, TellsTheSqlstateOfASerializationFailure) {
  auto one = open();
  auto other = open();
  one.exec("CREATE TABLE IF NOT EXISTS counter (a int)");
  one.exec("TRUNCATE counter; INSERT INTO counter VALUES (0)");
  auto first = one.begin({.isolation = Isolation::serializable});
  auto second = other.begin({.isolation = Isolation::serializable});
  first.exec("SELECT * FROM counter");
  second.exec("SELECT * FROM counter");
  first.exec("UPDATE counter SET a = 1");
  first.commit();
  try {
    second.exec("UPDATE counter SET a = 2");
    ADD_FAILURE() << "updated";
  } catch (PgError const& error) {
    EXPECT_EQ(error.sqlstate(), "40001");
    EXPECT_TRUE(error.retryable());
  }
}

TEST(PgTransaction, CanBeSettledAfterALostCommit) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE t (a int)");
  auto transaction = connection.begin();
  transaction.exec("INSERT INTO t VALUES (1)");
  auto const id = transaction.exec("SELECT pg_current_xact_id()::text").value<std::string>();
  CommitUnknown const in_doubt{id, {}, {}};
  auto other = open();
  EXPECT_EQ(settle(other, in_doubt), CommitOutcome::in_progress);
  transaction.commit();
  EXPECT_EQ(settle(other, in_doubt), CommitOutcome::committed);
  EXPECT_EQ(settle(other, CommitUnknown{"", {}, {}}), CommitOutcome::unknown);
}

TEST(PgTransaction, TellsTheIdOfATrackedOneWhoseCommitWasLost) {
  auto connection = open();
  connection.exec(
      "DROP TABLE IF EXISTS tracked; CREATE TABLE tracked (a int);"
      "CREATE OR REPLACE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS "
      "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(60); RETURN NULL; END';"
      "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON tracked DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
      "EXECUTE FUNCTION hang_up()");
  for (bool const track : {true, false}) {
    auto transaction = open().begin({.track_commit = track});
    transaction.exec("INSERT INTO tracked VALUES (1)");
    try {
      transaction.commit();
      ADD_FAILURE() << "committed";
    } catch (CommitUnknown const& error) {
      EXPECT_EQ(error.transaction_id().empty(), !track);
      auto outcome = settle(connection, error);
      while (outcome == CommitOutcome::in_progress) outcome = settle(connection, error);
      EXPECT_EQ(outcome, track ? CommitOutcome::aborted : CommitOutcome::unknown);
    }
  }
}

TEST(PgTransaction, IsDeferrableWhereAskedTo) {
  auto connection = open();
  for (bool const deferrable : {true, false}) {
    auto transaction =
        connection.begin({.isolation = Isolation::serializable, .read_only = true, .deferrable = deferrable});
    EXPECT_EQ(transaction.exec("SHOW transaction_deferrable").value<std::string>(), deferrable ? "on" : "off");
  }
}

TEST(PgConnection, HandsItsHandleOver) {
  auto connection = open();
  pg_conn* const handle = connection.release();
  PGresult* const result = PQexec(handle, "SELECT 1");
  EXPECT_EQ(PQresultStatus(result), PGRES_TUPLES_OK);
  PQclear(result);
  EXPECT_THROW(connection.exec("SELECT 1"), InvalidArgument);
  Connection again{handle};
  EXPECT_EQ(again.exec("SELECT 2").value<int>(), 2);
}

TEST(PgConnection, LeavesSignalDispositionsAlone) {
  struct sigaction before {};
  sigaction(SIGPIPE, nullptr, &before);
  {
    auto connection = open();
    terminate(connection);
    std::this_thread::sleep_for(50ms);
    EXPECT_THROW(connection.exec("SELECT 1"), ConnectionError);  // writes into a closed socket
  }
  struct sigaction after {};
  sigaction(SIGPIPE, nullptr, &after);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
}

}  // namespace
}  // namespace lakebase::tests
