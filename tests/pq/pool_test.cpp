// What a ConnectionPool promises, against a real server.

#include <sys/wait.h>
#include <unistd.h>
#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include <lakebase/pq/pool.hpp>
#include <lakebase/testing/fake_clock.hpp>

#include "support/counting_credentials.hpp"
#include "support/fake_server.hpp"
#include "support/local_postgres.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using lakebase::testing::FakeClock;
using ::testing::HasSubstr;

ConnectionSource source() {
  return LocalPostgres::instance().source();
}

void terminate(int pid) {
  connect(source()).exec("SELECT pg_terminate_backend($1)", {pid});
}

// Ends all sessions of the pool tests, as a suspend does.
void terminate_all() {
  connect(source()).exec(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tester' AND pid <> pg_backend_pid() AND "
      "backend_type = 'client backend'");
  std::this_thread::sleep_for(50ms);
}

TEST(Pool, LendsTheSameConnectionAgain) {
  ConnectionPool pool{source()};
  int const pid = pool.acquire()->backend_pid();
  EXPECT_EQ(pool.acquire()->backend_pid(), pid);
  EXPECT_EQ(pool.statistics().opened, 1U);
  EXPECT_EQ(pool.statistics().idle, 1);
}

TEST(Pool, LendsTheOneUsedLast) {
  ConnectionPool pool{source()};
  auto one = pool.acquire();
  auto other = pool.acquire();
  int const last = one->backend_pid();
  other.give_back();
  one.give_back();
  EXPECT_EQ(pool.acquire()->backend_pid(), last);
}

TEST(Pool, LendsForAsLongAsSomethingMadeFromTheConnectionLives) {
  ConnectionPool pool{source(), {.max_size = 1}};
  pool.acquire()->exec("CREATE TEMP TABLE held (a int)");
  auto const is_lent = [&] { return pool.statistics().idle == 0; };

  int sum = 0;
  for (Row const row : pool.acquire()->stream("SELECT generate_series(1, 3)")) {
    EXPECT_TRUE(is_lent());
    sum += row[0].as<int>();
  }
  EXPECT_EQ(sum, 6);
  EXPECT_FALSE(is_lent());

  auto transaction = pool.acquire()->begin();
  transaction.exec("INSERT INTO held VALUES (1)");
  EXPECT_TRUE(is_lent());
  transaction.commit();
  EXPECT_FALSE(is_lent()) << "it ends with its transaction";
  {
    auto copy = pool.acquire()->copy_in("COPY held FROM STDIN");
    copy.write("2\n");
    EXPECT_TRUE(is_lent());
    EXPECT_EQ(copy.finish(), 1U);
  }
  {
    auto copy = pool.acquire()->copy_out("COPY held TO STDOUT");
    EXPECT_EQ(copy.read(), "1\n");
    EXPECT_TRUE(is_lent());
    while (copy.read()) continue;
  }
  {
    auto pipeline = pool.acquire()->pipeline();
    pipeline.add("SELECT count(*) FROM held");
    EXPECT_TRUE(is_lent());
    EXPECT_EQ(pipeline.run()[0].value<int>(), 2);
  }
  EXPECT_FALSE(is_lent());
  EXPECT_EQ(pool.statistics().opened, 1U);
}

TEST(Pool, RollsBackATransactionThatOutlivesItsLease) {
  ConnectionPool pool{source(), {.max_size = 1}};
  auto lease = pool.acquire();
  int const pid = lease->backend_pid();
  lease->exec("CREATE TEMP TABLE outlived (a int)");
  {
    auto transaction = lease->begin();
    Lease moved = std::move(lease);
    moved.give_back();
    transaction.exec("INSERT INTO outlived VALUES (1)");
    EXPECT_THROW(static_cast<void>(*moved), InvalidArgument);
    EXPECT_THROW(moved->exec("SELECT 1"), InvalidArgument);
    moved.give_back();
  }
  auto const again = pool.acquire();
  EXPECT_EQ(again->backend_pid(), pid);
  EXPECT_EQ(again->exec("SELECT count(*) FROM outlived").value<int>(), 0);
}

TEST(Pool, ClosesADiscardedConnectionAfterItsTransaction) {
  ConnectionPool pool{source(), {.max_size = 1}};
  auto lease = pool.acquire();
  {
    auto transaction = lease->begin();
    lease.discard();
    transaction.exec("SELECT 1");
    EXPECT_EQ(pool.statistics().open, 1);
  }
  EXPECT_EQ(pool.statistics().open, 0);
}

TEST(Pool, EndsALoanFromAnyThread) {
  ConnectionPool pool{source(), {.max_size = 1}};
  for (int i = 0; i < 100; ++i) {
    auto lease = pool.acquire();
    auto pipeline = std::make_unique<Pipeline>(lease->pipeline());
    std::jthread const elsewhere{[mine = std::move(pipeline)]() mutable { mine.reset(); }};
    lease.give_back();
  }
  EXPECT_EQ(pool.statistics().opened, 1U);
  EXPECT_EQ(pool.statistics().open, 1);
}

TEST(Pool, MayDieBeforeWhatWasMadeFromItsConnections) {
  auto pool = std::make_unique<ConnectionPool>(source());
  auto transaction = pool->acquire()->begin();
  pool.reset();
  EXPECT_EQ(transaction.exec("SELECT 1").value<int>(), 1);
}

TEST(Pool, TimesOutWhereAllAreLent) {
  ConnectionPool pool{source(), {.max_size = 1}};
  auto const lease = pool.acquire();
  auto const start = std::chrono::steady_clock::now();
  try {
    pool.acquire({.timeout = 50ms}).give_back();
    ADD_FAILURE() << "lent";
  } catch (PoolTimeout const& error) {
    EXPECT_THAT(error.what(), HasSubstr("1 of 1"));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
  EXPECT_EQ(pool.statistics().timeouts, 1U);
  EXPECT_EQ(pool.statistics().waiting, 0);
}

TEST(Pool, StopsWaitingAtAStopRequest) {
  ConnectionPool pool{source(), {.max_size = 1}};
  auto const lease = pool.acquire();
  std::stop_source stop;
  std::jthread const stopper{[&] {
    std::this_thread::sleep_for(20ms);
    stop.request_stop();
  }};
  EXPECT_THROW(pool.acquire({.stop = stop.get_token()}).give_back(), Cancelled);
}

TEST(Pool, ServesWaitersInTheOrderTheyCame) {
  ConnectionPool pool{source(), {.max_size = 1}};
  auto lease = pool.acquire();
  std::mutex mutex;
  std::vector<int> order;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&, i] {
      auto const mine = pool.acquire();
      std::lock_guard const lock{mutex};
      order.push_back(i);
    });
    while (pool.statistics().waiting <= i) std::this_thread::sleep_for(1ms);
  }
  lease.give_back();
  threads.clear();
  EXPECT_THAT(order, ::testing::ElementsAre(0, 1, 2, 3, 4));
}

TEST(Pool, NoticesASuspendOnceAndTestsAllIdleConnections) {
  ConnectionPool pool{source()};
  {
    std::vector<Lease> leases;
    for (int i = 0; i < 5; ++i) leases.push_back(pool.acquire());
  }
  terminate_all();
  EXPECT_EQ(pool.acquire()->exec("SELECT 1").value<int>(), 1);
  auto const statistics = pool.statistics();
  EXPECT_EQ(statistics.found_dead, 5U);
  EXPECT_EQ(statistics.generation, 1U);
  EXPECT_EQ(statistics.open, 1);
}

TEST(Pool, RollsBackWhatIsLeftOpen) {
  ConnectionPool pool{source(), {.max_size = 1}};
  {
    auto const lease = pool.acquire();
    lease->exec("CREATE TEMP TABLE left_open (a int)");
    lease->exec("BEGIN");
    lease->exec("INSERT INTO left_open VALUES (1)");
  }
  EXPECT_EQ(pool.acquire()->exec("SELECT count(*) FROM left_open").value<int>(), 0);
  {
    auto const lease = pool.acquire();
    lease->exec("BEGIN");
    EXPECT_THROW(lease->exec("SELECT 1/0"), PgError);
  }
  EXPECT_EQ(pool.acquire()->exec("SELECT 1").value<int>(), 1);
  EXPECT_EQ(pool.statistics().opened, 1U);
}

TEST(Pool, DiscardsSettingsWhereAskedTo) {
  ConnectionPool pool{source(), {.max_size = 1, .on_return = OnReturn::discard_all}};
  {
    auto const lease = pool.acquire();
    lease->prepare("q", "SELECT 1");
    lease->exec("SET search_path = elsewhere");
  }
  auto const lease = pool.acquire();
  EXPECT_NE(lease->exec("SHOW search_path").value<std::string>(), "elsewhere");
  lease->prepare("q", "SELECT 1");
  EXPECT_EQ(lease->exec_prepared("q").value<int>(), 1);
}

TEST(Pool, SetsNewConnectionsUp) {
  int set_up = 0;
  PoolOptions options;
  options.on_connect = [&](Connection& connection) {
    ++set_up;
    connection.exec("SET search_path = app");
  };
  ConnectionPool pool{source(), options};
  EXPECT_EQ(pool.acquire()->exec("SHOW search_path").value<std::string>(), "app");
  pool.acquire().give_back();
  EXPECT_EQ(set_up, 1);
}

TEST(Pool, ClosesWhatIsIdleOrOldButNothingThatIsLent) {
  auto const clock = std::make_shared<FakeClock>();
  PoolOptions options;
  options.reaper = false;
  options.clock = clock;
  ConnectionPool pool{source(), options};
  auto lent = pool.acquire();
  pool.acquire().give_back();
  clock->advance(29s);
  pool.close_expired();
  EXPECT_EQ(pool.statistics().idle, 1);
  clock->advance(2s);
  pool.close_expired();
  EXPECT_EQ(pool.statistics().idle, 0);
  clock->advance(24h);
  EXPECT_EQ(lent->exec("SELECT 1").value<int>(), 1);
  lent.give_back();
  EXPECT_EQ(pool.statistics().open, 0);
}

TEST(Pool, UsesNoConnectionForLongerThanItsLifetime) {
  auto const clock = std::make_shared<FakeClock>();
  ConnectionPool pool{source(), {.idle_timeout = 24h, .max_lifetime = 10min, .reaper = false, .clock = clock}};
  int const pid = pool.acquire()->backend_pid();
  clock->advance(8min);
  EXPECT_EQ(pool.acquire()->backend_pid(), pid);
  clock->advance(4min);
  EXPECT_NE(pool.acquire()->backend_pid(), pid);
}

TEST(Pool, AsksAConnectionThatWasIdleForLongerThanItTrusts) {
  std::atomic<int> asked = 0;
  FakeServer const server{{{.on_query = [&](std::string const& sql) {
    EXPECT_EQ(sql, "SELECT 1");
    ++asked;
    return std::optional{command_complete("SELECT 1", 'I')};
  }}}};
  auto const clock = std::make_shared<FakeClock>();
  PoolOptions options{.ask_after_idle = 10s, .reaper = false, .clock = clock};
  ConnectionPool pool{server.source(std::make_shared<CountingCredentials>()), options};
  pool.acquire().give_back();
  clock->advance(9s);
  pool.acquire().give_back();
  EXPECT_EQ(asked, 0);
  clock->advance(10s);
  pool.acquire().give_back();
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(pool.statistics().opened, 1U);
}

TEST(Pool, WaitsAsLongAsItsOwnTimeoutWhereTheCallerSetsNone) {
  ConnectionPool pool{source(), {.max_size = 1, .acquire_timeout = 0ns}};
  auto const lease = pool.acquire({.timeout = 30s});
  auto const start = std::chrono::steady_clock::now();
  EXPECT_THROW(pool.acquire().give_back(), PoolTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
}

TEST(Pool, KeepsAndLendsWhatMinIdleKeeps) {
  auto const clock = std::make_shared<FakeClock>();
  PoolOptions options;
  options.min_idle = 1;
  options.reaper = false;
  options.clock = clock;
  ConnectionPool pool{source(), options};
  int kept = 0;
  {
    auto const one = pool.acquire();
    auto const other = pool.acquire();
    kept = one->backend_pid();
  }
  clock->advance(10min);
  pool.close_expired();
  EXPECT_EQ(pool.statistics().idle, 1);
  EXPECT_EQ(pool.acquire()->backend_pid(), kept);
}

TEST(Pool, ClosesByItselfWhatComesBackBesideTheKept) {
  ConnectionPool pool{source(), {.min_idle = 1, .idle_timeout = 50ms}};
  pool.acquire().give_back();
  std::this_thread::sleep_for(10ms);  // the reaper has nothing to do for 45 minutes
  {
    auto const one = pool.acquire();
    auto const other = pool.acquire();
  }
  for (int i = 0; i < 200 && pool.statistics().open > 1; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(pool.statistics().open, 1);
}

TEST(Pool, ClosesIdleConnectionsByItself) {
  ConnectionPool pool{source(), {.idle_timeout = 50ms}};
  pool.acquire().give_back();
  for (int i = 0; i < 100 && pool.statistics().open > 0; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(pool.statistics().open, 0);
  pool.acquire().give_back();
  for (int i = 0; i < 100 && pool.statistics().open > 0; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(pool.statistics().open, 0);
}

TEST(Pool, LetsOneCallerWakeTheServer) {
  FakeServer const server{{{.login = Conversation::Login::say_nothing}, {}}};
  PoolOptions options;
  options.connect.attempt_timeout = 1s;
  ConnectionPool pool{server.source(std::make_shared<CountingCredentials>()), options};
  std::vector<std::jthread> threads;
  std::atomic<int> lent = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      auto const lease = pool.acquire();
      ++lent;
    });
  }
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(server.connections(), 1);
  threads.clear();
  EXPECT_EQ(lent, 8);
}

TEST(Pool, FailsAllWaitersWhereNoTokenIsAccepted) {
  FakeServer const server{{{.login = Conversation::Login::error_after_password,
                            .sqlstate = "28P01",
                            .message = "password authentication failed"}}};
  ConnectionPool pool{server.source(std::make_shared<CountingCredentials>())};
  std::atomic<int> failed = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        try {
          pool.acquire().give_back();
        } catch (ConnectionError const& error) {
          EXPECT_EQ(error.sqlstate(), "28P01");
          ++failed;
        }
      });
    }
  }
  EXPECT_EQ(failed, 8);
  EXPECT_LE(server.connections(), 16);
}

TEST(Pool, DoesNotGrowWhereThereAreTooManyConnections) {
  FakeServer const server{{{},
                           {.login = Conversation::Login::error_after_password,
                            .sqlstate = "53300",
                            .message = "sorry, too many clients already"}}};
  ConnectionPool pool{server.source(std::make_shared<CountingCredentials>())};
  auto lease = pool.acquire();
  std::jthread const other{[&] { EXPECT_TRUE(pool.acquire({.timeout = 10s})->alive()); }};
  while (server.connections() < 2 || pool.statistics().waiting == 0) std::this_thread::sleep_for(1ms);
  lease.give_back();
}

TEST(Pool, EndsAConnectThatIsUnderWayWhenItIsClosed) {
  FakeServer const server{{{.login = Conversation::Login::say_nothing}}};
  ConnectionPool pool{server.source(std::make_shared<CountingCredentials>())};
  std::jthread const other{[&] { EXPECT_THROW(pool.acquire().give_back(), PoolClosed); }};
  while (server.connections() == 0) std::this_thread::sleep_for(1ms);
  EXPECT_TRUE(pool.close(5s));
}

TEST(Pool, DrainsGracefully) {
  ConnectionPool pool{source()};
  auto lease = pool.acquire();
  EXPECT_FALSE(pool.close(10ms));
  EXPECT_THROW(pool.acquire().give_back(), PoolClosed);
  EXPECT_EQ(lease->exec("SELECT 1").value<int>(), 1);
  std::jthread const returner{[&] {
    std::this_thread::sleep_for(20ms);
    lease.give_back();
  }};
  EXPECT_TRUE(pool.close(5s));
}

TEST(Pool, MayDieBeforeItsLeases) {
  auto pool = std::make_unique<ConnectionPool>(source());
  auto const lease = pool->acquire();
  pool.reset();
  EXPECT_EQ(lease->exec("SELECT 1").value<int>(), 1);
}

TEST(Pool, RefusesToWorkInAForkedChild) {
  auto pool = std::make_unique<ConnectionPool>(source());
  auto lease = pool->acquire();
  pool->acquire().give_back();
  int const child = ::fork();
  if (child == 0) {
    int code = 1;
    try {
      pool->acquire().give_back();
    } catch (PoolClosed const&) {
      code = 2;
    } catch (...) {
    }
    try {
      static_cast<void>(pool->statistics());
    } catch (PoolClosed const&) {
      code -= 2;
    } catch (...) {
    }
    lease.give_back();
    pool.reset();
    ::_exit(code);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(lease->exec("SELECT 1").value<int>(), 1);  // the child has not said goodbye on its socket
  EXPECT_EQ(pool->acquire()->exec("SELECT 1").value<int>(), 1);
}

TEST(Pool, LooksAtNoConnectionThatWasSeenOpenAMillisecondAgo) {
  auto const clock = std::make_shared<FakeClock>();
  ConnectionPool pool{source(), {.reaper = false, .clock = clock}};
  int const pid = pool.acquire()->backend_pid();
  terminate(pid);
  std::this_thread::sleep_for(50ms);
  clock->advance(1ms - 1ns);
  EXPECT_EQ(pool.acquire()->backend_pid(), pid);
  EXPECT_EQ(pool.statistics().found_dead, 0U);
  clock->advance(1ns);
  EXPECT_NE(pool.acquire()->backend_pid(), pid);
  EXPECT_EQ(pool.statistics().found_dead, 1U);
}

TEST(Pool, RunsATransactionAnewIfItsConnectionDiedUnseen) {
  auto const clock = std::make_shared<FakeClock>();
  ConnectionPool pool{source(), {.reaper = false, .clock = clock}};
  terminate(pool.acquire()->backend_pid());
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(pool.run([](Transaction& t) { return t.exec("SELECT 1").value<int>(); }), 1);
  EXPECT_EQ(pool.statistics().replays, 1U);
}

TEST(Pool, ServesWhoWaitsBesideOneWhoTakesAndReturnsAllTheTime) {
  ConnectionPool pool{source(), {.max_size = 1}};
  std::atomic<int> turns = 0;
  std::jthread const other{[&](std::stop_token const& stop) {
    while (!stop.stop_requested()) {
      pool.acquire().give_back();
      ++turns;
    }
  }};
  while (turns == 0) std::this_thread::yield();
  for (int i = 0; i < 100; ++i) pool.acquire({.timeout = 10s}).give_back();
  EXPECT_EQ(pool.statistics().timeouts, 0U);
}

TEST(PoolRun, ReplaysWhereTheSessionWasLostBeforeCommit) {
  ConnectionPool pool{source()};
  pool.acquire()->exec("DROP TABLE IF EXISTS replayed; CREATE TABLE replayed (a int)");
  int runs = 0;
  pool.run([&](Transaction& t) {
    t.exec("INSERT INTO replayed VALUES (1)");
    if (++runs == 1) {
      terminate(t.exec("SELECT pg_backend_pid()").value<int>());
      t.exec("SELECT 1");
    }
  });
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(pool.acquire()->exec("SELECT count(*) FROM replayed").value<int>(), 1);
  EXPECT_EQ(pool.statistics().replays, 1U);
}

TEST(PoolRun, ReplaysSerializationFailures) {
  ConnectionPool pool{source()};
  pool.acquire()->exec("DROP TABLE IF EXISTS tally; CREATE TABLE tally (a int); INSERT INTO tally VALUES (0)");
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int turn = 0; turn < 5; ++turn) {
          pool.run(
              [](Transaction& t) {
                int const a = t.exec("SELECT a FROM tally").value<int>();
                t.exec("UPDATE tally SET a = $1", {a + 1});
              },
              {.transaction = {.isolation = Isolation::serializable}, .max_attempts = 100});
        }
      });
    }
  }
  EXPECT_EQ(pool.run([](Transaction& t) { return t.exec("SELECT a FROM tally").value<int>(); }), 20);
}

TEST(PoolRun, DoesNotReplayTheCallersOwnErrors) {
  ConnectionPool pool{source()};
  int runs = 0;
  EXPECT_THROW(pool.run([&](Transaction& t) {
    ++runs;
    t.exec("SELECT 1/0");
  }),
               PgError);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(pool.acquire()->exec("SELECT 1").value<int>(), 1);
}

TEST(PoolRun, DoesNotReplayALostCommit) {
  std::atomic<int> commits = 0;
  Conversation conversation;
  conversation.on_query = [&](std::string const& sql) -> std::optional<std::string> {
    if (sql != "COMMIT") return command_complete("BEGIN", 'T');
    return ++commits == 1 ? std::nullopt : std::optional{command_complete("COMMIT", 'I')};
  };
  FakeServer const server{{conversation}};
  ConnectionPool pool{server.source(std::make_shared<CountingCredentials>())};
  EXPECT_THROW(pool.run([](Transaction&) {}), CommitUnknown);
  EXPECT_EQ(commits, 1);
  EXPECT_EQ(pool.statistics().in_doubt, 1U);
  commits = 0;
  pool.run([](Transaction&) {}, {.transaction = {.read_only = true}});
  EXPECT_EQ(commits, 2);
  commits = 0;
  pool.run([](Transaction&) {}, {.idempotent = true});
  EXPECT_EQ(commits, 2);
}

// A row of the reference's table: how a statement fails, and whether its transaction is run again.
struct StatementRow {
  char const* sqlstate;
  bool replayed;
  char const* severity = "ERROR";
};

void PrintTo(StatementRow const& row, std::ostream* out) {
  *out << row.severity << ' ' << row.sqlstate;
}

class StatementTable : public ::testing::TestWithParam<StatementRow> {};

TEST_P(StatementTable, IsFollowed) {
  std::atomic<bool> failed = false;
  Conversation conversation;
  conversation.on_query = [&](std::string const& sql) -> std::optional<std::string> {
    if (sql == "BEGIN") return command_complete("BEGIN", 'T');
    if (sql != "UPDATE") return command_complete(sql, 'I');
    if (failed.exchange(true)) return command_complete("UPDATE 1", 'T');
    return error_message(GetParam().severity, GetParam().sqlstate, "as told") + std::string{"Z\0\0\0\5E", 6};
  };
  FakeServer const server{{conversation}};
  ConnectionPool pool{server.source(std::make_shared<CountingCredentials>())};
  int runs = 0;
  auto const update = [&](Transaction& t) {
    ++runs;
    t.exec("UPDATE");
  };
  if (GetParam().replayed) {
    pool.run(update);
  } else {
    EXPECT_THROW(pool.run(update), PgError);
  }
  EXPECT_EQ(runs, GetParam().replayed ? 2 : 1);
  EXPECT_EQ(pool.statistics().replays, GetParam().replayed ? 1U : 0U);
  if (!GetParam().replayed) {
    EXPECT_EQ(server.connections(), 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Reference, StatementTable,
                         ::testing::Values(StatementRow{"40001", true}, StatementRow{"40P01", true},
                                           StatementRow{"25006", true}, StatementRow{"57014", false},
                                           StatementRow{"53200", false}, StatementRow{"53100", false},
                                           StatementRow{"55P03", false}, StatementRow{"42501", false}));

// What a live session is told in the words of a loss is no loss; what ends a session is one, whatever its SQLSTATE.
INSTANTIATE_TEST_SUITE_P(LiveAndLost, StatementTable,
                         ::testing::Values(StatementRow{"08000", false}, StatementRow{"08006", false},
                                           StatementRow{"08P01", false}, StatementRow{"57P01", false},
                                           StatementRow{"57P02", false}, StatementRow{"57P03", false},
                                           StatementRow{"57P05", false}, StatementRow{"25P03", false},
                                           StatementRow{"57P01", true, "FATAL"}, StatementRow{"08006", true, "FATAL"},
                                           StatementRow{"25P03", true, "FATAL"}, StatementRow{"XX000", true, "PANIC"},
                                           StatementRow{"42501", true, "FATAL"}));

TEST(PoolRun, DoesNotLookForAnotherServerWhereItsOwnTransactionIsReadOnly) {
  ConnectionPool pool{source()};
  pool.acquire()->exec("DROP TABLE IF EXISTS unwritten; CREATE TABLE unwritten (a int)");
  int runs = 0;
  auto const write = [&](Transaction& t) {
    ++runs;
    t.exec("INSERT INTO unwritten VALUES (1)");
  };
  EXPECT_THROW(pool.run(write, {.transaction = {.read_only = true}}), PgError);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(pool.statistics().opened, 1U);
}

TEST(PoolRun, RepeatsATransactionThatAPreparedStatementHarmed) {
  ConnectionPool pool{source(), {.max_size = 1}};
  connect(source()).exec("DROP TABLE IF EXISTS pooled; CREATE TABLE pooled (a int)");
  auto const columns = [](Transaction& t) {
    t.prepare("q", "SELECT * FROM pooled");
    return t.exec_prepared("q").columns();
  };
  EXPECT_EQ(pool.run(columns), 1);
  connect(source()).exec("ALTER TABLE pooled ADD COLUMN b int");
  EXPECT_EQ(pool.run(columns), 2);
  pool.acquire()->exec("DISCARD ALL");
  EXPECT_EQ(pool.run(columns), 2);
  EXPECT_EQ(pool.statistics().opened, 1U);
}

TEST(PoolRun, DoesNotReplayWhatTheFunctionCommitted) {
  ConnectionPool pool{source()};
  int runs = 0;
  EXPECT_THROW(pool.run([&](Transaction& t) {
    ++runs;
    int const pid = t.exec("SELECT pg_backend_pid()").value<int>();
    t.commit();
    terminate(pid);
    throw ConnectionError{true, {}, {}};
  }),
               ConnectionError);
  EXPECT_EQ(runs, 1);
}

TEST(PoolRun, DoesNotReplayWhatAStatementCommitted) {
  ConnectionPool pool{source()};
  int runs = 0;
  EXPECT_THROW(pool.run([&](Transaction& tx) {
    ++runs;
    tx.exec("COMMIT");
    tx.exec("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$");
  }),
               PgError);
  EXPECT_THROW(pool.run([&](Transaction& tx) {
    ++runs;
    tx.exec("COMMIT");
  }),
               InvalidArgument);
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(pool.statistics().replays, 0U);
}

TEST(PoolRun, DoesNotReplayForADoubtOfAnotherTransaction) {
  ConnectionPool pool{source()};
  int runs = 0;
  auto const write_elsewhere = [&](Transaction&) {
    ++runs;
    throw CommitUnknown{"", {}, {}};
  };
  EXPECT_THROW(pool.run(write_elsewhere, {.transaction = {.read_only = true}}), CommitUnknown);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(pool.statistics().in_doubt, 0U);
}

TEST(PoolRun, LooksForThePrimaryWhereAServerOnlyReads) {
  Conversation const old_primary{.on_query = [](std::string const& sql) -> std::optional<std::string> {
    if (sql == "BEGIN") return command_complete("BEGIN", 'T');
    if (sql == "ROLLBACK") return command_complete("ROLLBACK", 'I');
    return error_message("ERROR", "25006", "cannot execute INSERT in a read-only transaction") +
           std::string{"Z\0\0\0\5E", 6};
  }};
  FakeServer const server{{old_primary, {}}};
  ConnectionPool pool{server.source(std::make_shared<CountingCredentials>())};
  int runs = 0;
  pool.run([&](Transaction& t) {
    ++runs;
    t.exec("INSERT");
  });
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(server.connections(), 2);
}

TEST(Pool, HandsNoHandleOutThatATransactionUses) {
  ConnectionPool pool{source(), {.max_size = 1}};
  auto lease = pool.acquire();
  auto transaction = lease->begin();
  EXPECT_THROW(static_cast<void>(lease.lend()), InvalidArgument);
  transaction.rollback();
  lease.take_back(lease.lend());
  EXPECT_EQ(lease->exec("SELECT 1").value<int>(), 1);
}

TEST(Pool, HandsTheDriversHandleOutAndBack) {
  ConnectionPool pool{source(), {.max_size = 1}};
  {
    auto lease = pool.acquire();
    pg_conn* const handle = lease.lend();
    ASSERT_NE(handle, nullptr);
    lease.take_back(handle);
    EXPECT_EQ(lease->exec("SELECT 1").value<int>(), 1);
    static_cast<void>(lease.lend());  // leaked on purpose below
    lease.take_back(handle);
  }
  EXPECT_EQ(pool.statistics().opened, 1U);
  EXPECT_EQ(pool.acquire()->exec("SELECT 1").value<int>(), 1);
}

}  // namespace
}  // namespace lakebase::tests
