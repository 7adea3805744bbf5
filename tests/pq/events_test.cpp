// What observers of events are told of connections, statements and pools, against a real server.

#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include <lakebase/pq/pool.hpp>
#include <lakebase/prometheus.hpp>
#include <lakebase/testing/fake_clock.hpp>

#include "support/counting_credentials.hpp"
#include "support/event_recorder.hpp"
#include "support/fake_server.hpp"
#include "support/local_postgres.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using lakebase::testing::FakeClock;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class PgEvents : public ::testing::Test {
 protected:
  ConnectionSource source() {
    auto result = LocalPostgres::instance().source();
    result.events = recorder;
    return result;
  }
  // Events of SQL only: what connecting told is forgotten.
  Connection open() {
    auto connection = connect(source());
    recorder->clear();
    return connection;
  }
  RecordedEvent last() const { return recorder->all().back(); }
  std::vector<std::string> reasons() const {
    std::vector<std::string> reasons;
    for (auto const& facts : recorder->facts_of(EventKind::close)) {
      reasons.push_back(facts.substr(facts.find("close_reason=") + 13));
      reasons.back().resize(reasons.back().find(' '));
    }
    return reasons;
  }
  void TearDown() override {
    EXPECT_EQ(recorder->open(), 0) << "each event that begins ends";
    EXPECT_THAT(recorder->facts(), Not(HasSubstr("planted")));
    EXPECT_THAT(recorder->facts(), Not(HasSubstr("unseen"))) << "errors may hold it, events not";
  }

  std::shared_ptr<EventRecorder> recorder = std::make_shared<EventRecorder>(true);
};

TEST_F(PgEvents, TellOfAConnectionAndItsLogin) {
  auto const connection = connect(source());
  EXPECT_THAT(recorder->paths(), ElementsAre("connect > login", "connect"));
  auto const where = source().parameters;
  for (auto const& event : recorder->all()) {
    EXPECT_TRUE(event.has("db.system.name=postgresql")) << event.facts;
    EXPECT_TRUE(event.has("db.namespace=" + where.dbname)) << event.facts;
    EXPECT_TRUE(event.has("server.address=" + where.host)) << event.facts;
    EXPECT_TRUE(event.has("server.port=" + std::to_string(where.port))) << event.facts;
    EXPECT_TRUE(event.has("lakebase.attempts=1")) << event.facts;
    EXPECT_EQ(event.error, "");
    EXPECT_GT(event.duration, 0ns);
  }
}

TEST_F(PgEvents, TellOfLoginsThatFail) {
  using Login = Conversation::Login;
  FakeServer const server{{{.login = Login::close_at_once},
                           {.login = Login::error_after_password, .sqlstate = "57P03", .message = "unseen-words"},
                           {.login = Login::error_after_password, .sqlstate = "3D000", .message = "unseen-words"}}};
  auto from = server.source(std::make_shared<CountingCredentials>());
  from.events = recorder;
  EXPECT_THROW(static_cast<void>(connect(from, {.clock = std::make_shared<FakeClock>()})), ConnectionError);
  EXPECT_THAT(recorder->paths(), ElementsAre("connect > login", "connect > login", "connect > login", "connect"));
  auto const logins = recorder->of(EventKind::login);
  EXPECT_EQ(logins[0].error, "lakebase::pq::ConnectionError");
  EXPECT_EQ(logins[1].error, "57P03");
  EXPECT_TRUE(logins[1].will_retry);
  EXPECT_TRUE(logins[1].has("lakebase.attempts=2"));
  EXPECT_EQ(logins[2].error, "3D000");
  EXPECT_FALSE(logins[2].will_retry);
  EXPECT_EQ(last().error, "3D000");
  EXPECT_TRUE(last().has("db.response.status_code=3D000"));
}

// Has no password to give.
class NoCredentials final : public DatabaseCredentialProvider {
 public:
  LoginSecret get(CredentialsLimits const&) override { throw AuthError{"none", {.message = "unseen-message"}}; }
  bool invalidate(std::string_view) override { return false; }
  bool uses_tokens() const noexcept override { return true; }
};

TEST_F(PgEvents, TellOfALoginWithoutCredentials) {
  auto from = source();
  from.credentials = std::make_shared<NoCredentials>();
  EXPECT_THROW(static_cast<void>(connect(from)), AuthError);
  EXPECT_EQ(recorder->of(EventKind::login).front().error, "lakebase::AuthError");
  EXPECT_EQ(last().error, "lakebase::AuthError");
}

TEST_F(PgEvents, TellOfStatementsWithoutTheirValues) {
  auto connection = open();
  connection.exec("SELECT 'unseen-literal' FROM generate_series(1, 3)");
  EXPECT_TRUE(last().has("db.operation.name=SELECT"));
  EXPECT_TRUE(last().has("db.response.returned_rows=3"));
  EXPECT_THAT(last().facts, Not(HasSubstr("db.query.text"))) << "its text may hold anything";
  connection.exec("select $1::text", {"unseen-parameter"});
  EXPECT_TRUE(last().has("db.operation.name=SELECT"));
  EXPECT_THAT(last().facts, HasSubstr("db.query.text=select $1::text"));
  EXPECT_THROW(connection.exec("SELECT $1::int", {"unseen-parameter"}), PgError);
  EXPECT_EQ(last().error, "22P02");
  EXPECT_TRUE(last().has("db.response.status_code=22P02"));
  EXPECT_THROW(connection.exec("unseen_secret word"), PgError);
  EXPECT_EQ(last().error, "42601");
  EXPECT_THAT(last().facts, Not(HasSubstr("db.operation.name")));
  EXPECT_THROW(connection.exec("SELECT pg_sleep(5)", {}, {.timeout = 10ms}), StatementTimeout);
  EXPECT_EQ(last().error, "57014");
  EXPECT_THAT(recorder->of(EventKind::query), SizeIs(5));
}

TEST_F(PgEvents, FindTheCommandOfAStatement) {
  auto connection = open();
  connection.exec("-- a comment\n /* another */ (VALUES (1))");
  EXPECT_TRUE(last().has("db.operation.name=VALUES"));
  connection.exec("with a as (select 1) select * from a");
  EXPECT_TRUE(last().has("db.operation.name=WITH"));
  connection.exec("-- nothing else");
  EXPECT_THAT(last().facts, Not(HasSubstr("db.operation.name")));
}

TEST_F(PgEvents, TellOfPreparedStatements) {
  auto connection = open();
  connection.prepare("one", "SELECT $1::int");
  EXPECT_TRUE(last().has("db.operation.name=PREPARE"));
  connection.prepare("one", "SELECT $1::int");  // is prepared already
  connection.exec_prepared("one", {1});
  EXPECT_TRUE(last().has("db.operation.name=SELECT"));
  EXPECT_THAT(last().facts, HasSubstr("db.query.text=SELECT $1::int"));
  EXPECT_THAT(recorder->all(), SizeIs(2));
}

TEST_F(PgEvents, TellOfATransaction) {
  auto connection = open();
  {
    auto transaction = connection.begin();
    transaction.exec("SELECT 1");
    transaction.commit();
    static_cast<void>(connection.begin());  // rolled back by its destructor
  }
  std::vector<std::string> commands;
  for (auto const& event : recorder->all()) {
    auto const at = event.facts.find("db.operation.name=") + 18;
    commands.push_back(event.facts.substr(at, event.facts.find(' ', at) - at));
  }
  EXPECT_THAT(commands, ElementsAre("BEGIN", "SELECT", "COMMIT", "BEGIN", "ROLLBACK"));
}

TEST_F(PgEvents, TellOfAStreamUntilItsEnd) {
  auto connection = open();
  {
    auto stream = connection.stream("SELECT generate_series(1, 3)");
    for (Row const row : stream) {
      static_cast<void>(row);
      EXPECT_THAT(recorder->all(), IsEmpty());
    }
    EXPECT_THAT(recorder->all(), SizeIs(1));
  }
  EXPECT_TRUE(last().has("db.response.returned_rows=3"));
  EXPECT_FALSE(last().nests);
  auto failing = connection.stream("SELECT 1 / (g - 2) FROM generate_series(1, 3) g");
  EXPECT_THROW(while (failing.next()){}, PgError);
  EXPECT_EQ(last().error, "22012");
  EXPECT_THROW(static_cast<void>(connection.stream(std::string_view{"SELECT \0 1", 10})), std::exception);
  { auto stream = connection.stream("SELECT generate_series(1, 1000000)"); }
  EXPECT_THAT(recorder->all(), SizeIs(4));
  EXPECT_EQ(last().error, "") << "its owner has given it up";
}

TEST_F(PgEvents, TellOfCopies) {
  auto connection = open();
  connection.exec("CREATE TEMP TABLE copied (a int)");
  auto in = connection.copy_in("COPY copied FROM STDIN");
  in.write("1\n2\n");
  in.finish();
  EXPECT_EQ(last().kind, EventKind::copy);
  EXPECT_TRUE(last().has("db.operation.name=COPY"));
  EXPECT_TRUE(last().has("db.response.returned_rows=2"));
  {
    auto out = connection.copy_out("COPY copied TO STDOUT");
    while (out.read()) continue;
  }
  EXPECT_TRUE(last().has("db.response.returned_rows=2"));
  auto bad = connection.copy_in("COPY copied FROM STDIN");
  bad.write("unseen-data\n");
  EXPECT_THROW(bad.finish(), PgError);
  EXPECT_EQ(last().error, "22P02");
  EXPECT_THROW(static_cast<void>(connection.copy_in("SELECT 1")), InvalidArgument);
  EXPECT_EQ(last().error, "lakebase::InvalidArgument");
  { auto dropped = connection.copy_in("COPY copied FROM STDIN"); }
  EXPECT_THAT(recorder->of(EventKind::copy), SizeIs(5));
}

TEST_F(PgEvents, TellOfAPipelineAsOneBatch) {
  auto connection = open();
  auto pipeline = connection.pipeline();
  pipeline.add("SELECT 1");
  pipeline.add("SELECT $1::text", {"unseen-parameter"});
  pipeline.run();
  EXPECT_TRUE(last().has("db.operation.name=BATCH"));
  EXPECT_TRUE(last().has("db.operation.batch.size=2"));
  pipeline.add("SELECT 1");
  pipeline.run();
  EXPECT_TRUE(last().has("db.operation.name=SELECT"));
  EXPECT_THAT(last().facts, Not(HasSubstr("batch")));
  pipeline.add("SELECT 1 / 0");
  EXPECT_THROW(pipeline.run(), PgError);
  EXPECT_EQ(last().error, "22012");
  EXPECT_THAT(recorder->all(), SizeIs(3));
}

TEST_F(PgEvents, TellOfAPool) {
  ConnectionPool pool{source(), {.on_connect = [](Connection& c) { c.exec("SET TimeZone = 'UTC'"); }, .name = "main"}};
  pool.acquire().give_back();
  EXPECT_THAT(recorder->paths(), ElementsAre("acquire > open > connect > login", "acquire > open > connect",
                                             "acquire > open > query", "acquire > open", "acquire", "release"));
  EXPECT_TRUE(recorder->of(EventKind::acquire).front().has("db.client.connection.pool.name=main"));
  recorder->clear();
  {
    auto lease = pool.acquire();
    lease.discard();
    lease = pool.acquire();
  }
  pool.close();
  EXPECT_THAT(recorder->of(EventKind::acquire), SizeIs(2));
  EXPECT_THAT(recorder->of(EventKind::release), SizeIs(2));
  EXPECT_THAT(reasons(), ElementsAre("discarded", "pool_closed"));
}

TEST_F(PgEvents, TellOfTheWaitForAConnection) {
  ConnectionPool pool{source(), {.max_size = 1}};
  auto lease = pool.acquire();
  recorder->clear();
  EXPECT_THROW(static_cast<void>(pool.acquire({.timeout = 20ms})), PoolTimeout);
  EXPECT_EQ(last().error, "lakebase::pq::PoolTimeout");
  EXPECT_THAT(last().facts, HasSubstr("lakebase.pool.queued_ms="));
  std::jthread other{[&] { pool.acquire().give_back(); }};
  while (pool.statistics().waiting == 0) std::this_thread::yield();
  lease.give_back();
  other.join();
  EXPECT_EQ(recorder->of(EventKind::acquire).back().error, "");
  EXPECT_THAT(recorder->of(EventKind::release), SizeIs(2));
}

TEST_F(PgEvents, TellWhyAPoolClosesConnections) {
  auto const clock = std::make_shared<FakeClock>();
  ConnectionPool pool{source(), {.idle_timeout = 30s, .max_lifetime = 10min, .reaper = false, .clock = clock}};
  pool.acquire().give_back();
  clock->advance(31s);
  pool.close_expired();
  EXPECT_THAT(reasons(), ElementsAre("idle_timeout"));

  pool.acquire().give_back();
  clock->advance(31s);
  pool.acquire().give_back();  // closes the old one first
  EXPECT_THAT(reasons(), ElementsAre("idle_timeout", "idle_timeout"));

  {
    auto const lease = pool.acquire();
    clock->advance(12min);
  }
  EXPECT_EQ(reasons().back(), "max_lifetime");

  int pid = pool.acquire()->backend_pid();
  auto const terminate = [&] {
    connect(LocalPostgres::instance().source()).exec("SELECT pg_terminate_backend($1)", {pid});
  };
  terminate();
  std::this_thread::sleep_for(50ms);
  clock->advance(1s);
  pool.acquire().give_back();
  EXPECT_EQ(reasons().back(), "server_gone");

  {
    auto lease = pool.acquire();
    pid = lease->backend_pid();
    terminate();
    EXPECT_THROW(lease->exec("SELECT 1"), ConnectionError);
  }
  EXPECT_EQ(reasons().back(), "broken");
}

TEST_F(PgEvents, ReachTheMetricsOfAPool) {
  auto const metrics = std::make_shared<PrometheusCollector>();
  auto from = source();
  from.events = join_observers({recorder, metrics});
  ConnectionPool pool{from, {.max_size = 2, .name = "main"}};
  pool.run([](Transaction& t) { t.exec("SELECT $1::text", {"unseen-parameter"}); });
  {
    auto const lease = pool.acquire();
    EXPECT_THAT(metrics->text(), HasSubstr(R"(db_client_connection_state="used"} 1)"));
  }
  EXPECT_THAT(metrics->text(), HasSubstr(R"(db_client_connection_state="used"} 0)"));
  EXPECT_THAT(metrics->text(), HasSubstr(R"(db_client_connection_state="idle"} 1)"));
  EXPECT_THAT(metrics->text(), HasSubstr(R"(db_operation_name="COMMIT"} 1)"));
  EXPECT_THAT(metrics->text(), Not(HasSubstr("unseen")));
}

TEST_F(PgEvents, HarmNothingIfTheObserverThrows) {
  auto from = source();
  from.events = std::make_shared<ThrowingObserver>();
  ConnectionPool pool{from, {.max_size = 1}};
  EXPECT_EQ(pool.run([](Transaction& t) { return t.exec("SELECT 1").value<int>(); }), 1);
  auto lease = pool.acquire();
  for (Row const row : lease->stream("SELECT 1")) EXPECT_EQ(row[0].as<int>(), 1);
  EXPECT_THROW(static_cast<void>(pool.acquire({.timeout = 1ms})), PoolTimeout);
  EXPECT_THROW(lease->exec("SELECT 1 / 0"), PgError);
}

TEST_F(PgEvents, AreToldInSeveralThreadsAtOnce) {
  ConnectionPool pool{source(), {.max_size = 2}};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 10; ++n) pool.run([](Transaction& t) { t.exec("SELECT 1"); });
      });
    }
  }
  EXPECT_THAT(recorder->of(EventKind::acquire), SizeIs(40));
  EXPECT_THAT(recorder->of(EventKind::release), SizeIs(40));
  EXPECT_THAT(recorder->of(EventKind::query), SizeIs(120));
}

}  // namespace
}  // namespace lakebase::tests
