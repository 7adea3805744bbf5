#include <signal.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "data_plane_fixture.hpp"
#include "processes.hpp"
#include "raw_client.hpp"

namespace lakebase::emulator {
namespace {

using testing::HasSubstr;

class ComputeTest : public DataPlaneTest {
 protected:
  std::filesystem::path data() const { return root_.path() / "branches" / "main" / "data"; }
  bool is(ComputeState state) { return plane().status("primary").state == state; }
};

TEST_F(ComputeTest, SleepsUntilTheFirstConnection) {
  EXPECT_TRUE(is(ComputeState::idle));
  EXPECT_FALSE(plane().status("primary").started);
  auto session = connect();
  ASSERT_TRUE(session.ok()) << session.error();
  EXPECT_TRUE(is(ComputeState::active));
  EXPECT_TRUE(plane().status("primary").started);
  EXPECT_TRUE(eventually([&] { return plane().status("primary").open_sessions == 1; }));
}

TEST_F(ComputeTest, EndsSessionsWithTheReasonWhenItIsSuspended) {
  auto session = connect();
  ASSERT_TRUE(session.ok()) << session.error();
  plane().suspend("primary");
  EXPECT_TRUE(is(ComputeState::idle));
  EXPECT_TRUE(plane().status("primary").suspended);
  EXPECT_EQ(session.run("SELECT 1").sqlstate, "57P01");
  EXPECT_TRUE(eventually([&] { return plane().status("primary").open_sessions == 0; }));
  auto next = connect();
  EXPECT_EQ(next.value("SELECT 1"), "1") << next.error();
}

TEST_F(ComputeTest, SuspendsAfterATimeWithoutTraffic) {
  plane().update_endpoint("primary", {.suspend_after = 300ms});
  auto session = connect();
  ASSERT_TRUE(session.ok()) << session.error();
  auto const since = std::chrono::steady_clock::now();
  for (int statement = 0; statement < 6; ++statement) {
    std::this_thread::sleep_for(100ms);
    EXPECT_EQ(session.value("SELECT 1"), "1");
  }
  EXPECT_GT(std::chrono::steady_clock::now() - since, 500ms);
  EXPECT_TRUE(eventually([&] { return is(ComputeState::idle); }));
  EXPECT_EQ(session.run("SELECT 1").sqlstate, "57P01");
  EXPECT_THAT(logged(), HasSubstr("(idle)"));
}

TEST_F(ComputeTest, SuspendsByTheEmulatorsTime) {
  plane().update_endpoint("primary", {.suspend_after = 20h});
  auto session = connect();
  EXPECT_EQ(session.value("SELECT 1"), "1");
  auto const started = plane().status("primary").started.value();
  time_->advance(19h);
  EXPECT_EQ(session.value("SELECT 1"), "1");
  EXPECT_GT(plane().status("primary").last_active - started, 18h);
  time_->advance(21h);
  EXPECT_TRUE(is(ComputeState::idle)) << "it is done when the advance is";
  EXPECT_EQ(session.run("SELECT 1").sqlstate, "57P01");
}

TEST_F(ComputeTest, DoesNotSuspendARunningStatement) {
  plane().update_endpoint("primary", {.suspend_after = 150ms});
  auto session = connect();
  EXPECT_EQ(session.run("SELECT pg_sleep(0.8)").error, "");
}

TEST_F(ComputeTest, StartsOnceForManyConnections) {
  std::vector<std::thread> clients;
  std::atomic<int> served{0};
  for (int client = 0; client < 90; ++client) {
    clients.emplace_back([&] {
      auto session = connect();
      if (session.value("SELECT 1") == "1") ++served;
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(served, 90);
  std::string const log = logged();
  EXPECT_EQ(log.find("started in"), log.rfind("started in")) << log;
}

TEST_F(ComputeTest, KeepsCommittedRowsThroughACrash) {
  auto session = connect();
  ASSERT_EQ(session.run("CREATE TABLE t AS SELECT generate_series(1, 1000)").error, "");
  PQsendQuery(session.get(), "BEGIN; INSERT INTO t VALUES (0); SELECT pg_sleep(60)");
  plane().crash("primary");
  EXPECT_TRUE(is(ComputeState::idle));
  EXPECT_TRUE(processes_below(root_.path()).empty());
  EXPECT_NE(session.finish().error, "");
  EXPECT_EQ(connect().value("SELECT count(*) FROM t"), "1000");
}

TEST_F(ComputeTest, NoticesAKilledPostmaster) {
  auto session = connect();
  ASSERT_EQ(session.run("CREATE TABLE t AS SELECT generate_series(1, 1000)").error, "");
  // A child that is busy does not see that its postmaster has died, and keeps the next one from starting.
  PQsendQuery(session.get(), "DO $$ BEGIN LOOP END LOOP; END $$");
  auto watcher = connect();
  ASSERT_TRUE(eventually([&] {
    return watcher.value("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO %'") == "1";
  }));
  ::kill(postmaster_of(data()), SIGKILL);
  EXPECT_TRUE(eventually([&] { return is(ComputeState::idle); }));
  auto next = connect();
  EXPECT_EQ(next.value("SELECT count(*) FROM t"), "1000") << next.error();
  EXPECT_NE(session.finish().error, "");
  ::kill(postmaster_of(data()), SIGKILL);
  EXPECT_EQ(plane().execute("main", "app", {"SELECT count(*) FROM t"}).at(0).at(0), "1000");
}

TEST_F(ComputeTest, WakesForStatementsOfTheEmulatorItself) {
  EXPECT_EQ(
      plane().execute("main", "app",
                      {"CREATE TABLE t (n int)", "INSERT INTO t VALUES (7), (NULL)", "SELECT n, n IS NULL FROM t"}),
      (std::vector<std::vector<std::string>>{{"7", "f"}, {"", "t"}}));
  EXPECT_TRUE(is(ComputeState::active));
}

TEST_F(ComputeTest, TellsWhichStatementFailedAndWhy) {
  try {
    plane().execute("main", "app", {"CREATE TABLE t (n int)", "SELECT 1/0", "CREATE TABLE u ()"});
    FAIL() << "no error";
  } catch (DataPlaneError const& error) {
    EXPECT_EQ(error.sqlstate(), "22012");
    EXPECT_STREQ(error.what(), "division by zero");
  }
  EXPECT_EQ(plane().execute("main", "app", {"SELECT to_regclass('t'), to_regclass('u')"}),
            (std::vector<std::vector<std::string>>{{"t", ""}}));
  EXPECT_THROW(plane().execute("main", "app", {"COPY t FROM STDIN"}), DataPlaneError);
  EXPECT_THROW(plane().execute("main", "missing", {"SELECT 1"}), DataPlaneError);
  EXPECT_THROW(plane().execute("other", "app", {"SELECT 1"}), DataPlaneError);
}

TEST_F(ComputeTest, StopsTheServerOfABranchWithoutAnEndpoint) {
  plane().remove_endpoint("primary");
  EXPECT_TRUE(processes_below(root_.path()).empty());
  plane().execute("main", "app", {"SELECT 1"});
  EXPECT_FALSE(processes_below(root_.path()).empty());
  EXPECT_TRUE(eventually([&] { return processes_below(root_.path()).empty(); }));
}

/// What ended a session that runs statements until something ends it. Not by libpq, which loses a FATAL that comes in
/// one piece with the end of a result.
std::string end_of_busy_session(std::string const& host, std::atomic<int>& served, std::atomic<bool> const& done) {
  RawClient client{host};
  client.request_tls();
  client.send(startup_packet(wire::protocol_3_0, startup_parameters({{"user", "alice"}, {"database", "app"}})));
  client.message();
  client.send(password_message(good_token));
  while (auto message = client.message()) {
    if (message->type == 'E') return wire::parse_error(message->payload).code;
    if (message->type != 'Z') continue;
    if (done) return "done";
    ++served;
    // Statements without a pause would starve the postmaster of a machine with few cores.
    std::this_thread::sleep_for(1ms);
    try {
      client.send(wire::message('Q', std::string{"SELECT 1\0", 9}));
    } catch (std::exception const&) {
      // It has gone; why is still to be read.
    }
  }
  return "the end without a reason";
}

TEST_F(ComputeTest, SurvivesSuspensionsUnderLoad) {
  std::atomic<bool> done{false};
  std::atomic<int> served{0};
  std::mutex mutex;
  std::set<std::string> ends;
  std::vector<std::thread> clients;
  for (int client = 0; client < 4; ++client) {
    clients.emplace_back([&] {
      while (!done) {
        std::string const end = end_of_busy_session(host_, served, done);
        std::lock_guard lock{mutex};
        ends.insert(end);
      }
    });
  }
  for (int round = 0; round < 8; ++round) {
    int const before = served;
    EXPECT_TRUE(eventually([&] { return served > before + 20; }));
    plane().suspend("primary");
  }
  done = true;
  for (auto& client : clients) client.join();
  EXPECT_THAT(ends, testing::IsSubsetOf({"57P01", "done"}));
}

TEST_F(ComputeTest, KnowsTheSizeWithoutWakingAnybody) {
  auto const sleeping = plane().logical_size("main");
  ASSERT_TRUE(sleeping);
  EXPECT_TRUE(is(ComputeState::idle));
  auto const rows = plane().execute("main", "app", {"SELECT sum(pg_database_size(oid)) FROM pg_database"});
  EXPECT_NEAR(static_cast<double>(*sleeping), std::stod(rows.at(0).at(0)), 200'000);
}

}  // namespace
}  // namespace lakebase::emulator
