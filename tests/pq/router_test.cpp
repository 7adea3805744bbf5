// Where a Router sends reads and writes.

#include <thread>

#include <gmock/gmock.h>

#include <lakebase/pq/router.hpp>
#include <lakebase/testing/fake_clock.hpp>

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
  EXPECT_THROW(router.acquire(Intent::read_write), ConnectionError);
  admin.exec("SET default_transaction_read_only = off");
  admin.exec("ALTER SYSTEM RESET default_transaction_read_only");
  admin.exec("SELECT pg_reload_conf()");
}

}  // namespace
}  // namespace lakebase::tests
