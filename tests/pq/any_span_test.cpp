// Every duration that a caller of lakebase::pq may set takes any value: the longest, which means for ever; none; and
// what lies below.

#include <thread>

#include <gmock/gmock.h>

#include <lakebase/pq/pool.hpp>
#include <lakebase/testing/fake_clock.hpp>

#include "support/counting_credentials.hpp"
#include "support/fake_server.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using lakebase::testing::FakeClock;
using std::chrono::nanoseconds;
using Login = Conversation::Login;

constexpr nanoseconds for_ever = nanoseconds::max();
constexpr nanoseconds not_at_all[] = {0ns, -1ns, nanoseconds::min()};
constexpr nanoseconds any[] = {for_ever, 0ns, -1ns, nanoseconds::min()};

class AnySpan : public ::testing::Test {
 protected:
  ConnectionSource source(FakeServer const& server) { return server.source(std::make_shared<CountingCredentials>()); }
  ConnectOptions options() { return {.timeout = for_ever, .clock = clock}; }

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
};

TEST_F(AnySpan, ConnectingForEverSurvivesFailures) {
  FakeServer const server{{{.login = Login::close_at_once}, {.login = Login::close_after_tls}, {}}};
  EXPECT_TRUE(connect(source(server), options()).alive());
  EXPECT_EQ(server.connections(), 3);
}

TEST_F(AnySpan, ConnectingInNoTimeFailsAtOnce) {
  FakeServer const server{{{.login = Login::say_nothing}}};
  for (auto const span : not_at_all) {
    auto how = options();
    how.timeout = span;
    EXPECT_THROW(static_cast<void>(connect(source(server), how)), ConnectionError);
  }
  EXPECT_TRUE(clock->sleeps().empty());
}

TEST_F(AnySpan, AnAttemptForEverConnects) {
  FakeServer const server{{{}}};
  auto how = options();
  how.attempt_timeout = for_ever;
  EXPECT_TRUE(connect(source(server), how).alive());
}

TEST_F(AnySpan, AttemptsInNoTimeFail) {
  FakeServer const server{{{.login = Login::say_nothing}}};
  for (auto const span : not_at_all) {
    auto how = options();
    how.attempt_timeout = span;
    how.max_attempts = 2;
    EXPECT_THROW(static_cast<void>(connect(source(server), how)), ConnectionError);
  }
}

TEST_F(AnySpan, PausesBetweenAttempts) {
  for (auto const span : any) {
    FakeServer const server{{{.login = Login::close_at_once}, {}}};
    auto how = options();
    how.timeout = 1min;
    how.wake = {span, span};
    how.crowded = {span, span};
    if (span == for_ever) {
      EXPECT_THROW(static_cast<void>(connect(source(server), how)), ConnectionError)
          << "the pause is longer than the time";
    } else {
      EXPECT_TRUE(connect(source(server), how).alive());
    }
  }
}

TEST_F(AnySpan, PatienceWithAnUnknownName) {
  for (auto const span : any) {
    ConnectionSource unknown{.parameters = {.host = "no-such-host.invalid", .user = "me"}};
    unknown.credentials = std::make_shared<CountingCredentials>();
    unknown.parameters.sslrootcert = "/dev/null";
    auto how = options();
    how.name_patience = span;
    how.max_attempts = 2;
    EXPECT_THROW(static_cast<void>(connect(unknown, how)), ConnectionError);
  }
}

TEST_F(AnySpan, APoolThatKeepsConnectionsForEver) {
  FakeServer const server{{{}}};
  PoolOptions how{.idle_timeout = for_ever, .max_lifetime = for_ever, .acquire_timeout = for_ever, .clock = clock};
  how.ask_after_idle = for_ever;
  how.connect.timeout = for_ever;
  ConnectionPool pool{source(server), how};
  pool.acquire().give_back();
  clock->advance(24h * 365);
  pool.close_expired();
  pool.acquire().give_back();
  EXPECT_EQ(server.connections(), 1);
  EXPECT_TRUE(pool.close(for_ever));
}

TEST_F(AnySpan, APoolThatKeepsNothing) {
  for (auto const span : not_at_all) {
    FakeServer const server{{{}}};
    PoolOptions how{.idle_timeout = span, .max_lifetime = span, .clock = clock};
    how.ask_after_idle = span;
    ConnectionPool pool{source(server), how};
    pool.acquire().give_back();
    pool.acquire().give_back();
    EXPECT_EQ(server.connections(), 2);
    EXPECT_TRUE(pool.close(span));
  }
}

TEST_F(AnySpan, WaitingForAConnection) {
  FakeServer const server{{{}}};
  ConnectionPool pool{source(server), {.max_size = 1}};
  auto lease = std::make_unique<Lease>(pool.acquire({.timeout = for_ever}));
  for (auto const span : not_at_all) EXPECT_THROW(pool.acquire({.timeout = span}).give_back(), PoolTimeout);
  std::jthread const other{[&] {
    while (pool.statistics().waiting == 0) std::this_thread::yield();
    lease.reset();
  }};
  EXPECT_TRUE(pool.acquire({.timeout = for_ever})->alive());
}

TEST_F(AnySpan, ClosingAPool) {
  FakeServer const server{{{}}};
  ConnectionPool pool{source(server), {}};
  auto lease = std::make_unique<Lease>(pool.acquire());
  for (auto const span : not_at_all) EXPECT_FALSE(pool.close(span));
  std::jthread const other{[&] { lease.reset(); }};
  EXPECT_TRUE(pool.close(for_ever));
}

TEST_F(AnySpan, RunningATransactionForEver) {
  FakeServer const server{{{.on_query = [](std::string const& sql) -> std::optional<std::string> {
    return command_complete(sql, sql.starts_with("BEGIN") ? 'T' : 'I');
  }}}};
  ConnectionPool pool{source(server), {.acquire_timeout = for_ever}};
  int runs = 0;
  pool.run([&](Transaction&) { ++runs; }, {.timeout = for_ever});
  EXPECT_EQ(runs, 1);
}

TEST_F(AnySpan, RunningATransactionInNoTime) {
  FakeServer const server{{{.login = Login::say_nothing}}};
  for (auto const span : not_at_all) {
    ConnectionPool pool{source(server), {}};
    EXPECT_THROW(pool.run([](Transaction&) {}, {.timeout = span}), Error);
  }
}

class PoolClock : public AnySpan {};

TEST_F(PoolClock, BoundsTheWaitForLeasesAtTheEnd) {
  FakeServer const server{{{}}};
  ConnectionPool pool{source(server), {.clock = clock}};
  auto const lease = pool.acquire();
  EXPECT_FALSE(pool.close(1h));
  EXPECT_THAT(clock->sleeps(), ::testing::ElementsAre(1h));
}

TEST_F(PoolClock, IsTheSourcesWhereTheOptionsNameNone) {
  FakeServer const server{{{}}};
  auto from = source(server);
  from.clock = clock;
  ConnectionPool pool{from, {.idle_timeout = 1min, .reaper = false}};
  pool.acquire().give_back();
  clock->advance(2min);
  pool.close_expired();
  EXPECT_EQ(pool.statistics().closed, 1U);
}

TEST_F(PoolClock, MayStandStillWhileACallerWaits) {
  FakeServer const server{{{}}};
  ConnectionPool pool{source(server), {.max_size = 1, .clock = clock}};
  auto const lease = pool.acquire();
  EXPECT_THROW(pool.acquire({.timeout = 20ms}).give_back(), PoolTimeout);
}

}  // namespace
}  // namespace lakebase::tests
