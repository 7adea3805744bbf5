// Where a Router sends reads and writes.

#include <thread>

#include <gmock/gmock.h>

#include <lakebase/pq/router.hpp>
#include <lakebase/testing/fake_clock.hpp>

#include "support/counting_credentials.hpp"
#include "support/fake_server.hpp"
#include "support/local_postgres.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using lakebase::testing::FakeClock;

// The application name tells which pool a session is of.
ConnectionSource source(char const* name) {
  auto result = LocalPostgres::instance().source();
  result.parameters.application_name = name;
  return result;
}

ConnectionSource unreachable() {
  auto result = source("replica");
  result.parameters.port = 1;
  return result;
}

std::string server_of(Transaction& t) {
  return t.exec("SHOW application_name").value<std::string>();
}

class RouterTest : public ::testing::Test {
 protected:
  RouterOptions options() {
    RouterOptions result;
    result.write.clock = clock;
    result.read.clock = clock;
    return result;
  }
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
};

TEST_F(RouterTest, GoesByIntent) {
  Router router{source("primary"), source("replica"), options()};
  EXPECT_EQ(router.run(Intent::read_only, server_of), "replica");
  EXPECT_EQ(router.run(Intent::read_write, server_of), "primary");
  EXPECT_EQ(router.acquire(Intent::read_only)->exec("SHOW application_name").value<std::string>(), "replica");
  EXPECT_EQ(router.fallbacks(), 0U);
}

TEST_F(RouterTest, ReadsInReadOnlyTransactions) {
  Router router{source("primary"), source("replica"), options()};
  EXPECT_THROW(router.run(Intent::read_only, [](Transaction& t) { t.exec("CREATE TABLE forbidden ()"); }), PgError);
}

TEST_F(RouterTest, ReadsFromThePrimaryWhereThereIsNoReplica) {
  Router router{source("primary"), std::nullopt, options()};
  EXPECT_EQ(router.reader(), nullptr);
  EXPECT_EQ(router.run(Intent::read_only, server_of), "primary");
}

TEST_F(RouterTest, LeavesAReplicaThatCannotBeReachedAloneForAWhile) {
  Router router{source("primary"), unreachable(), options()};
  EXPECT_EQ(router.run(Intent::read_only, server_of), "primary");
  EXPECT_EQ(router.run(Intent::read_only, server_of), "primary");
  EXPECT_EQ(router.acquire(Intent::read_only)->exec("SHOW application_name").value<std::string>(), "primary");
  EXPECT_EQ(router.fallbacks(), 1U);
  clock->advance(31s);
  EXPECT_EQ(router.run(Intent::read_only, server_of), "primary");
  EXPECT_EQ(router.fallbacks(), 2U);
}

TEST_F(RouterTest, ReadsFromThePrimaryWhereNoTokenForTheReplicaCanBeHad) {
  auto replica = source("replica");
  replica.credentials = std::make_shared<CachingCredentialProvider>(
      [](CredentialsLimits const&) -> MintedToken { throw AuthError("test", ErrorFacts{.message = "no mint"}); });
  Router router{source("primary"), replica, options()};
  EXPECT_EQ(router.run(Intent::read_only, server_of), "primary");
  EXPECT_EQ(router.fallbacks(), 1U);
}

TEST_F(RouterTest, DoesNotBlameTheReplicaForAStatement) {
  Router router{source("primary"), source("replica"), options()};
  EXPECT_THROW(router.run(Intent::read_only, [](Transaction& t) { t.exec("SELECT 1/0"); }), PgError);
  EXPECT_EQ(router.fallbacks(), 0U);
}

// A replica that takes connections and says nothing, until it is well.
struct SilentReplica {
  explicit SilentReplica(int silences) : server{conversations(silences)} {
    source = server.source(std::make_shared<CountingCredentials>());
  }
  static std::vector<Conversation> conversations(int silences) {
    std::vector<Conversation> result(static_cast<std::size_t>(silences), {.login = Conversation::Login::say_nothing});
    result.push_back({});
    return result;
  }

  FakeServer server;
  ConnectionSource source;
};

TEST_F(RouterTest, DoesNotBlameTheReplicaForTheCallersStop) {
  SilentReplica replica{2};
  Router router{source("primary"), replica.source};
  for (int round = 1; round <= 2; ++round) {
    std::stop_source stop;
    std::jthread const stopper{[&] {
      while (replica.server.connections() < round) std::this_thread::sleep_for(1ms);
      stop.request_stop();
    }};
    if (round == 1) {
      EXPECT_THROW(router.acquire(Intent::read_only, {.stop = stop.get_token()}).give_back(), Cancelled);
    } else {
      EXPECT_THROW(router.run(Intent::read_only, server_of, {.stop = stop.get_token()}), Cancelled);
    }
    EXPECT_EQ(router.fallbacks(), 0U);
  }
  router.acquire(Intent::read_only).give_back();
  EXPECT_EQ(replica.server.connections(), 3) << "which has not been left alone";
}

TEST_F(RouterTest, DoesNotBlameTheReplicaForTheCallersDeadline) {
  SilentReplica replica{2};
  Router router{source("primary"), replica.source};
  EXPECT_THROW(router.acquire(Intent::read_only, {.timeout = 50ms}).give_back(), Error);
  EXPECT_THROW(router.run(Intent::read_only, server_of, {.timeout = 50ms}), Error);
  EXPECT_EQ(router.fallbacks(), 0U);
  router.acquire(Intent::read_only).give_back();
  EXPECT_EQ(replica.server.connections(), 3);
}

TEST_F(RouterTest, DoesNotBlameTheReplicaForWhatTheFunctionThrows) {
  Router router{source("primary"), source("replica"), options()};
  int calls = 0;
  auto const asking = [&](Transaction&) {
    ++calls;
    throw NotFound("what the function asked another service for");
  };
  EXPECT_THROW(router.run(Intent::read_only, asking), NotFound);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(router.fallbacks(), 0U);
}

TEST_F(RouterTest, BlamesTheReplicaThatTakesMoreThanItsOwnTime) {
  SilentReplica replica{9};
  auto how = options();
  how.replica_timeout = 50ms;
  Router router{source("primary"), replica.source, how};
  EXPECT_EQ(router.run(Intent::read_only, server_of), "primary");
  EXPECT_EQ(router.fallbacks(), 1U);
}

TEST_F(RouterTest, GivesThePrimaryWhatTheReplicaLeft) {
  auto slow = source("primary");
  auto const primary = FakeServer{{{.login = Conversation::Login::say_nothing}}};
  Router router{primary.source(std::make_shared<CountingCredentials>()), unreachable(), options()};
  auto const start = clock->now();
  EXPECT_THROW(router.acquire(Intent::read_only, {.timeout = 200ms}).give_back(), Error);
  EXPECT_LE(clock->now() - start, 200ms);
}

TEST_F(RouterTest, TakesAnySpan) {
  using std::chrono::nanoseconds;
  for (auto const span : {nanoseconds::max(), 0ns, -1ns, nanoseconds::min()}) {
    auto how = options();
    how.replica_rest = span;
    Router resting{source("primary"), unreachable(), how};
    EXPECT_EQ(resting.run(Intent::read_only, server_of), "primary");
    EXPECT_EQ(resting.run(Intent::read_only, server_of), "primary");
    EXPECT_EQ(resting.fallbacks(), span == nanoseconds::max() ? 1U : 2U);
    Router waiting{source("primary"), source("replica"), {.replica_timeout = span}};
    EXPECT_EQ(waiting.run(Intent::read_only, server_of), span == nanoseconds::max() ? "replica" : "primary");
  }
}

TEST_F(RouterTest, GoesByTheClockOfItsSource) {
  auto primary = source("primary");
  primary.clock = clock;
  auto gone = unreachable();
  gone.clock = clock;
  Router router{primary, gone};
  EXPECT_EQ(router.run(Intent::read_only, server_of), "primary");
  EXPECT_EQ(router.run(Intent::read_only, server_of), "primary");
  EXPECT_EQ(router.fallbacks(), 1U);
  clock->advance(31s);
  EXPECT_EQ(router.run(Intent::read_only, server_of), "primary");
  EXPECT_EQ(router.fallbacks(), 2U);
}

TEST_F(RouterTest, WritesToServersThatCanWriteOnly) {
  auto admin = connect(source("admin"));
  admin.exec("ALTER SYSTEM SET default_transaction_read_only = on");
  admin.exec("SELECT pg_reload_conf()");
  while (connect(source("probe")).exec("SHOW default_transaction_read_only").value<std::string>() != "on") {
    std::this_thread::sleep_for(1ms);
  }
  auto how = options();
  how.write.connect.max_attempts = 1;
  Router router{source("primary"), std::nullopt, how};
  EXPECT_THROW(router.acquire(Intent::read_write).give_back(), ConnectionError);
  admin.exec("SET default_transaction_read_only = off");
  admin.exec("ALTER SYSTEM RESET default_transaction_read_only");
  admin.exec("SELECT pg_reload_conf()");
}

}  // namespace
}  // namespace lakebase::tests
