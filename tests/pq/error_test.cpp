// The types of errors, against a real server: each one as it comes about, and through each way to run a statement.

#include <functional>
#include <string>
#include <thread>
#include <typeindex>
#include <typeinfo>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include <lakebase/pq/pq.hpp>

#include "support/local_postgres.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Connection connection_for_errors() {
  return connect(LocalPostgres::instance().source());
}

// What an action throws, exactly of that type.
template <class Expected>
Expected thrown_by(std::function<void()> const& action) {
  try {
    action();
  } catch (Expected const& error) {
    EXPECT_EQ(std::type_index{typeid(error)}, std::type_index{typeid(Expected)}) << error.what();
    return error;
  } catch (std::exception const& error) {
    ADD_FAILURE() << typeid(error).name() << ": " << error.what();
  }
  ADD_FAILURE() << "no error of its type";
  return Expected{PgFacts{}, ErrorFacts{}};
}

TEST(PgErrorType, NamesTheConstraintThatARowBreaks) {
  auto connection = connection_for_errors();
  connection.exec(
      "DROP TABLE IF EXISTS ruled, ruling;"
      "CREATE TABLE ruling (id int CONSTRAINT ruling_key PRIMARY KEY);"
      "CREATE TABLE ruled (id int CONSTRAINT ruled_key PRIMARY KEY, name text NOT NULL,"
      " price int CONSTRAINT price_is_paid CHECK (price > 0), owner int CONSTRAINT has_owner REFERENCES ruling,"
      " span int4range, CONSTRAINT no_overlap EXCLUDE USING gist (span WITH &&));"
      "INSERT INTO ruling VALUES (1); INSERT INTO ruled VALUES (1, 'one', 1, 1, '[1,5)')");
  auto const insert = [&](std::string const& values) {
    return [&connection, values] { connection.exec("INSERT INTO ruled VALUES (" + values + ")"); };
  };

  auto const unique = thrown_by<UniqueViolation>(insert("1, 'again', 1, 1, NULL"));
  EXPECT_EQ(unique.constraint(), "ruled_key");
  EXPECT_EQ(unique.table(), "ruled");
  EXPECT_EQ(unique.pg().schema, "public");
  EXPECT_THAT(unique.pg().detail, HasSubstr("(id)=(1)"));
  EXPECT_THAT(unique.column(), IsEmpty());
  EXPECT_FALSE(unique.retryable());

  auto const null = thrown_by<NotNullViolation>(insert("2, NULL, 1, 1, NULL"));
  EXPECT_EQ(null.column(), "name");
  EXPECT_EQ(null.table(), "ruled");
  EXPECT_EQ(thrown_by<CheckViolation>(insert("2, 'two', 0, 1, NULL")).constraint(), "price_is_paid");
  EXPECT_EQ(thrown_by<ForeignKeyViolation>(insert("2, 'two', 1, 7, NULL")).constraint(), "has_owner");
  auto const referred = thrown_by<ForeignKeyViolation>([&] { connection.exec("DELETE FROM ruling"); });
  EXPECT_EQ(referred.constraint(), "has_owner");
  auto const overlap = thrown_by<ConstraintViolation>(insert("2, 'two', 1, 1, '[4,9)'"));
  EXPECT_EQ(overlap.sqlstate(), "23P01");
  EXPECT_EQ(overlap.constraint(), "no_overlap");
  EXPECT_THROW(insert("1, 'again', 1, 1, NULL")(), ConstraintViolation);
  EXPECT_THROW(insert("1, 'again', 1, 1, NULL")(), PgError);
}

TEST(PgErrorType, TellsADeferredConstraintAtCommit) {
  auto connection = connection_for_errors();
  connection.exec("CREATE TEMP TABLE late (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
  auto transaction = connection.begin();
  transaction.exec("INSERT INTO late VALUES (1), (1)");
  auto const error = thrown_by<UniqueViolation>([&] { transaction.commit(); });
  EXPECT_EQ(error.constraint(), "late_a_key");
}

TEST(PgErrorType, TellsASerializationFailureFromADeadlock) {
  auto one = connection_for_errors();
  auto other = connection_for_errors();
  one.exec("DROP TABLE IF EXISTS contended; CREATE TABLE contended (a int); INSERT INTO contended VALUES (1), (2)");
  {
    auto first = one.begin({.isolation = Isolation::repeatable_read});
    auto second = other.begin({.isolation = Isolation::repeatable_read});
    second.exec("SELECT 1 FROM contended");
    first.exec("UPDATE contended SET a = a");
    first.commit();
    auto const error = thrown_by<SerializationFailure>([&] { second.exec("UPDATE contended SET a = a"); });
    EXPECT_TRUE(error.retryable());
  }
  auto first = one.begin();
  auto second = other.begin();
  first.exec("UPDATE contended SET a = a WHERE a = 1");
  second.exec("UPDATE contended SET a = a WHERE a = 2");
  bool one_failed = false;
  std::jthread waiting{[&] {
    try {
      first.exec("UPDATE contended SET a = a WHERE a = 2");
    } catch (DeadlockDetected const&) {
      one_failed = true;
    }
  }};
  bool other_failed = false;
  try {
    second.exec("UPDATE contended SET a = a WHERE a = 1");
  } catch (DeadlockDetected const& error) {
    other_failed = true;
    EXPECT_TRUE(error.retryable());
  }
  second.rollback();
  waiting.join();
  EXPECT_NE(one_failed, other_failed);
}

TEST(PgErrorType, TellsWhatIsMissingOrForbidden) {
  auto connection = connection_for_errors();
  thrown_by<UndefinedTable>([&] { connection.exec("SELECT 1 FROM no_such_table"); });
  thrown_by<UndefinedColumn>([&] { connection.exec("SELECT no_such_column FROM pg_class"); });
  connection.exec("DROP ROLE IF EXISTS stranger; CREATE ROLE stranger; SET ROLE stranger");
  auto const refused = thrown_by<InsufficientPrivilege>([&] { connection.exec("SELECT 1 FROM pg_authid"); });
  EXPECT_THAT(refused.hint(), HasSubstr("GRANT"));
  connection.exec("RESET ROLE; DROP ROLE stranger");
  auto reading = connection.begin({.read_only = true});
  auto const read_only = thrown_by<ReadOnlyTransaction>([&] { reading.exec("CREATE TABLE not_made ()"); });
  EXPECT_THAT(read_only.hint(), HasSubstr("The transaction is read-only"));
}

TEST(PgErrorType, TellsTheServersTimeoutFromTheProgramsAndFromAnothersCancel) {
  auto connection = connection_for_errors();
  connection.exec("SET statement_timeout = 20");
  auto const by_server = thrown_by<QueryCanceled>([&] { connection.exec("SELECT pg_sleep(60)"); });
  EXPECT_EQ(by_server.reason(), QueryCanceled::Reason::statement_timeout);
  EXPECT_THAT(by_server.hint(), HasSubstr("SET statement_timeout"));
  connection.exec("SET statement_timeout = 0");

  auto const by_program =
      thrown_by<StatementTimeout>([&] { connection.exec("SELECT pg_sleep(60)", {}, {.timeout = 20ms}); });
  EXPECT_EQ(by_program.sqlstate(), "57014");
  EXPECT_THAT(by_program.hint(), AllOf(HasSubstr("StatementOptions::timeout"), Not(HasSubstr("Somebody"))));

  std::jthread const canceller{[pid = connection.backend_pid()](std::stop_token const& stop) {
    auto other = connection_for_errors();
    while (!stop.stop_requested()) {
      other.exec("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND query LIKE '%pg_sleep(61)%'",
                 {pid});
    }
  }};
  auto const by_another = thrown_by<QueryCanceled>([&] { connection.exec("SELECT pg_sleep(61)"); });
  EXPECT_EQ(by_another.reason(), QueryCanceled::Reason::user_request);
  EXPECT_THAT(by_another.hint(), HasSubstr("pg_cancel_backend"));
}

TEST(PgErrorType, GuessesNoReasonOfACancelThatItDoesNotKnow) {
  auto connection = connection_for_errors();
  auto const raised = thrown_by<QueryCanceled>(
      [&] { connection.exec("DO $$ BEGIN RAISE EXCEPTION 'enough' USING ERRCODE = 'query_canceled'; END $$"); });
  EXPECT_EQ(raised.reason(), QueryCanceled::Reason::other);
  EXPECT_THAT(raised.hint(), IsEmpty());
  auto holder = connection_for_errors();
  holder.exec("DROP TABLE IF EXISTS held; CREATE TABLE held (a int)");
  auto hold = holder.begin();
  hold.exec("LOCK TABLE held");
  auto const locked = thrown_by<PgError>([&] { connection.exec("SET lock_timeout = 10; SELECT 1 FROM held"); });
  EXPECT_EQ(locked.sqlstate(), "55P03");
  EXPECT_THAT(locked.hint(), HasSubstr("lock_timeout"));
}

TEST(PgErrorType, TellsThatThereAreTooManyConnections) {
  auto connection = connection_for_errors();
  connection.exec(
      "DROP ROLE IF EXISTS crowd;"
      "CREATE ROLE crowd LOGIN PASSWORD 'planted-password' CONNECTION LIMIT 0");
  auto source = LocalPostgres::instance().source();
  source.parameters.user = "crowd";
  try {
    static_cast<void>(connect(source, {.max_attempts = 1}));
    ADD_FAILURE() << "connected";
  } catch (ConnectionError const& error) {
    EXPECT_EQ(std::type_index{typeid(error)}, std::type_index{typeid(TooManyConnections)});
    EXPECT_EQ(error.sqlstate(), "53300");
    EXPECT_TRUE(error.retryable());
    EXPECT_FALSE(error.maybe_ran());
  }
  ConnectionPool pool{source, {.connect = {.max_attempts = 1}}};
  EXPECT_THROW(static_cast<void>(pool.acquire()), TooManyConnections);
  connection.exec("DROP ROLE crowd");
  // In a session that lives, nothing is lost.
  thrown_by<PgError>([&] { connection.exec("DO $$ BEGIN RAISE EXCEPTION '' USING ERRCODE = '53300'; END $$"); });
}

// What a way to run a statement throws for a SQLSTATE.
using Way = std::function<void(Connection&, std::string const& sqlstate)>;

std::string raising(std::string const& sqlstate) {
  return "SELECT raise_it('" + sqlstate + "')";
}

std::vector<std::pair<char const*, Way>> all_ways() {
  return {
      {"exec", [](Connection& c, std::string const& state) { c.exec(raising(state)); }},
      {"exec with parameters", [](Connection& c, std::string const& state) { c.exec("SELECT raise_it($1)", {state}); }},
      {"exec_prepared",
       [](Connection& c, std::string const& state) {
         c.prepare("raise", "SELECT raise_it($1)");
         c.exec_prepared("raise", {state});
       }},
      {"stream",
       [](Connection& c, std::string const& state) {
         for (Row const row : c.stream(raising(state))) static_cast<void>(row);
       }},
      {"pipeline",
       [](Connection& c, std::string const& state) {
         auto pipeline = c.pipeline();
         pipeline.add("SELECT 1");
         pipeline.add("SELECT raise_it($1)", {state});
         static_cast<void>(pipeline.run());
       }},
      {"copy_out",
       [](Connection& c, std::string const& state) {
         auto copy = c.copy_out("COPY (" + raising(state) + ") TO STDOUT");
         while (copy.read()) {
         }
       }},
      {"copy_in",
       [](Connection& c, std::string const& state) {
         auto copy = c.copy_in("COPY raised_at_once FROM STDIN");
         copy.write(state + '\n');
         copy.finish();
       }},
      {"a transaction",
       [](Connection& c, std::string const& state) { c.transact([&](Transaction& tx) { tx.exec(raising(state)); }); }},
      {"commit",
       [](Connection& c, std::string const& state) {
         auto transaction = c.begin();
         transaction.exec("INSERT INTO raised_at_commit VALUES ($1)", {state});
         transaction.commit();
       }},
      {"a pool",
       [](Connection&, std::string const& state) {
         ConnectionPool pool{LocalPostgres::instance().source()};
         pool.run([&](Transaction& tx) { tx.exec(raising(state)); }, {.max_attempts = 1});
       }},
  };
}

template <class Type>
void expect_from_each_way(Connection& connection, std::string const& sqlstate) {
  for (auto const& way : all_ways()) {
    SCOPED_TRACE(way.first + (": " + sqlstate));
    auto const error = thrown_by<Type>([&] { way.second(connection, sqlstate); });
    EXPECT_EQ(error.sqlstate(), sqlstate);
    EXPECT_EQ(connection.exec("SELECT 1").value<int>(), 1);
  }
}

TEST(PgErrorType, IsTheSameWhicheverWayAStatementIsRun) {
  auto connection = connection_for_errors();
  connection.exec(
      "DROP TABLE IF EXISTS raised_at_once, raised_at_commit;"
      "CREATE TABLE raised_at_once (state text); CREATE TABLE raised_at_commit (state text);"
      "CREATE OR REPLACE FUNCTION raise_it(state text) RETURNS text LANGUAGE plpgsql AS "
      "$$ BEGIN RAISE EXCEPTION 'as told' USING ERRCODE = state; END $$;"
      "CREATE OR REPLACE FUNCTION raise_row() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN PERFORM raise_it(NEW.state); RETURN NEW; END $$;"
      "CREATE TRIGGER now BEFORE INSERT ON raised_at_once FOR EACH ROW EXECUTE FUNCTION raise_row();"
      "CREATE CONSTRAINT TRIGGER later AFTER INSERT ON raised_at_commit DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
      "EXECUTE FUNCTION raise_row()");
  expect_from_each_way<UniqueViolation>(connection, "23505");
  expect_from_each_way<ForeignKeyViolation>(connection, "23503");
  expect_from_each_way<ForeignKeyViolation>(connection, "23001");
  expect_from_each_way<NotNullViolation>(connection, "23502");
  expect_from_each_way<CheckViolation>(connection, "23514");
  expect_from_each_way<ConstraintViolation>(connection, "23P01");
  expect_from_each_way<ReadOnlyTransaction>(connection, "25006");
  expect_from_each_way<SerializationFailure>(connection, "40001");
  expect_from_each_way<DeadlockDetected>(connection, "40P01");
  expect_from_each_way<InsufficientPrivilege>(connection, "42501");
  expect_from_each_way<UndefinedTable>(connection, "42P01");
  expect_from_each_way<UndefinedColumn>(connection, "42703");
  expect_from_each_way<QueryCanceled>(connection, "57014");
  expect_from_each_way<PgError>(connection, "22012");
}

}  // namespace
}  // namespace lakebase::tests
