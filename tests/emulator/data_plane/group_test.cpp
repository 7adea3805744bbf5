// Endpoints of several computes: hot standbys, and how one of them takes the primary's place.

#include <signal.h>

#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include "data_plane_fixture.hpp"
#include "processes.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

ComputeSettings group_of(int computes, bool readable = false) {
  return {.standbys = computes - 1, .readable_standbys = readable};
}

class GroupTest : public DataPlaneTest {
 protected:
  void SetUp() override {
    DataPlaneTest::SetUp();
    plane().execute("main", "app", {"CREATE TABLE t(n bigint PRIMARY KEY)", "GRANT ALL ON t TO alice"});
  }
  void restart(ComputeSettings const& settings) {
    plane_.reset();
    plane_ = std::make_unique<DataPlane>(options());
    host_ = plane_->add_endpoint("primary", "main", settings, host_);
  }

  fs::path branch() const { return root_.path() / "branches" / "main"; }
  fs::path folder_of(int member) const {
    return branch() / (member == 0 ? std::string{"data"} : "member-" + std::to_string(member));
  }
  int primary_number() { return plane().members("primary").front().number; }
  std::vector<int> standby_numbers() {
    std::vector<int> numbers;
    for (auto const& member : plane().members("primary")) {
      if (member.is_standby) numbers.push_back(member.number);
    }
    return numbers;
  }
  void kill(int member) {
    auto const process = postmaster_of(folder_of(member));
    ASSERT_GT(process, 0);
    ::kill(process, SIGKILL);
  }
  bool is_whole() { return plane().status("primary").state == ComputeState::active; }
  std::string value(std::string const& sql) { return plane().execute("main", "app", {sql}).at(0).at(0); }
  std::string numbers(std::string const& branch = "main") {
    return plane()
        .execute(branch, "app", {"SELECT coalesce(string_agg(n::text, ' ' ORDER BY n), '') FROM t"})
        .at(0)
        .at(0);
  }
  void insert(int n) { plane().execute("main", "app", {"INSERT INTO t VALUES (" + std::to_string(n) + ")"}); }
  std::set<std::string> folders() const {
    std::set<std::string> names;
    for (auto const& entry : fs::directory_iterator{branch()}) {
      if (entry.is_directory()) names.insert(entry.path().filename());
    }
    return names;
  }
};

TEST_F(GroupTest, AStandbyTakesThePrimarysPlaceOnCommand) {
  plane().update_endpoint("primary", group_of(2));
  EXPECT_TRUE(is_whole());
  auto former = connect();
  ASSERT_EQ(former.run("INSERT INTO t VALUES (1)").error, "");
  ASSERT_EQ(plane().members("primary").size(), 2U);
  EXPECT_TRUE(eventually([&] { return plane().members("primary").at(1).lag == 0; }));
  plane().fail_over("primary");
  EXPECT_EQ(former.run("SELECT 1").sqlstate, "57P01");
  auto session = connect();
  EXPECT_EQ(session.run("INSERT INTO t VALUES (2)").error, "");
  EXPECT_EQ(session.value("SELECT count(*) FROM t"), "2");
  EXPECT_EQ(primary_number(), 1);
  EXPECT_TRUE(eventually([&] { return is_whole(); })) << "it gets another standby";
  EXPECT_TRUE(eventually([&] {
    return folders() == std::set<std::string>{"member-1", "member-2", "log"};
  })) << testing::PrintToString(folders());
}

TEST_F(GroupTest, AStandbyTakesThePlaceOfAPrimaryThatWasKilled) {
  plane().update_endpoint("primary", group_of(3));
  auto former = connect();
  ASSERT_EQ(former.run("INSERT INTO t VALUES (1)").error, "");
  kill(0);
  auto const began = std::chrono::steady_clock::now();
  auto session = connect();
  EXPECT_EQ(session.run("INSERT INTO t VALUES (2)").error, "") << session.error();
  auto const took = std::chrono::steady_clock::now() - began;
  EXPECT_LT(took, 3s);
  EXPECT_FALSE(former.run("SELECT 1").error.empty());
  EXPECT_NE(primary_number(), 0) << logged();
  EXPECT_EQ(numbers(), "1 2");
  EXPECT_TRUE(eventually([&] { return is_whole(); })) << logged();
}

TEST_F(GroupTest, ACrashOnRequestIsOneToo) {
  plane().update_endpoint("primary", group_of(2));
  insert(1);
  plane().crash("primary");
  EXPECT_EQ(connect().value("SELECT count(*) FROM t"), "1");
  EXPECT_EQ(primary_number(), 1);
}

TEST_F(GroupTest, WithoutAStandbyThatHasAllThePrimaryStartsAnew) {
  plane().update_endpoint("primary", group_of(2));
  insert(1);
  kill(standby_numbers().front());
  kill(0);
  EXPECT_EQ(connect().value("SELECT count(*) FROM t"), "1");
  EXPECT_EQ(primary_number(), 0);
}

// A client whose COMMIT was lost asks for it by the transaction's id.
TEST_F(GroupTest, AServerThatRecoversGivesNoTransactionIdTwice) {
  auto const id = [&] { return std::stoll(connect().value("SELECT pg_current_xact_id()")); };
  auto const first = id();
  plane().crash("primary");
  auto const second = id();
  EXPECT_GE(second, first + 1000);
  plane().suspend("primary");
  EXPECT_LT(id(), second + 100);
}

TEST_F(GroupTest, CommitsDoNotWaitForStandbysThatHang) {
  plane().update_endpoint("primary", group_of(2));
  auto processes = processes_below(branch());
  std::erase_if(processes, [standby = folder_of(standby_numbers().front())](pid_t process) {
    std::error_code ended;
    return fs::read_symlink("/proc/" + std::to_string(process) + "/cwd", ended) != standby;
  });
  ASSERT_FALSE(processes.empty());
  for (auto const process : processes) ::kill(process, SIGSTOP);
  auto const begin = std::chrono::steady_clock::now();
  insert(1);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s);
  for (auto const process : processes) ::kill(process, SIGCONT);
  EXPECT_EQ(numbers(), "1");
}

TEST_F(GroupTest, NothingThatWasConfirmedIsLost) {
  plane().update_endpoint("primary", group_of(3));
  std::atomic<bool> stop = false;
  std::set<int> confirmed;
  std::thread writer{[&] {
    std::optional<PqConnection> session;
    for (int n = 1; !stop; ++n) {
      if (!session || !session->ok()) session.emplace(conninfo(host_));
      if (session->run("INSERT INTO t VALUES (" + std::to_string(n) + ")").error.empty()) {
        confirmed.insert(n);
      } else {
        session.reset();
      }
    }
  }};
  for (int round = 0; round < 4; ++round) {
    EXPECT_TRUE(eventually([&] { return is_whole(); }, 30s)) << logged();
    round % 2 == 0 ? plane().fail_over("primary") : kill(primary_number());
  }
  EXPECT_TRUE(eventually([&] { return is_whole(); }, 30s)) << logged();
  stop = true;
  writer.join();
  std::set<int> found;
  std::istringstream words{numbers()};
  for (int n = 0; words >> n;) found.insert(n);
  for (int const n : confirmed) EXPECT_TRUE(found.contains(n)) << n;
  EXPECT_GT(confirmed.size(), 20U);
}

TEST_F(GroupTest, ACommitWaitsForAStandby) {
  plane().update_endpoint("primary", group_of(3));
  EXPECT_THAT(value("SHOW synchronous_standby_names"), HasSubstr("ANY 1 (\"member-"));
  EXPECT_EQ(value("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'quorum'"), "2");
}

TEST_F(GroupTest, AStandbyThatFailsIsReplaced) {
  plane().update_endpoint("primary", group_of(2));
  auto session = connect();
  ASSERT_EQ(session.run("INSERT INTO t VALUES (1)").error, "");
  kill(1);
  EXPECT_TRUE(eventually([&] { return plane().status("primary").state == ComputeState::degraded; }));
  EXPECT_EQ(session.run("INSERT INTO t VALUES (2)").error, "") << "it does not wait for the one that is gone";
  EXPECT_TRUE(eventually([&] { return is_whole(); })) << logged();
  EXPECT_EQ(standby_numbers(), std::vector{2});
  EXPECT_TRUE(eventually([&] { return folders() == std::set<std::string>{"data", "member-2"}; }));
  plane().fail_over("primary");
  EXPECT_EQ(numbers(), "1 2");
}

TEST_F(GroupTest, IsSoonWholeAfterAResetWhileAStandbyIsMade) {
  using namespace std::chrono_literals;
  plane().copy_branch("main", "former", std::nullopt);
  plane().update_endpoint("primary", group_of(3));
  for (auto const pause : {0ms, 0ms, 0ms, 50ms, 100ms, 150ms, 200ms, 250ms}) {
    kill(standby_numbers().at(0));
    std::this_thread::sleep_for(pause);  // Another one is made meanwhile, and has come further each time.
    plane().replace_data("main", "former", std::nullopt);
    plane().start("primary");
    auto const began = std::chrono::steady_clock::now();
    ASSERT_TRUE(eventually([&] { return is_whole(); })) << logged();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s) << "after " << pause.count() << " ms\n" << logged();
  }
}

TEST_F(GroupTest, ClientsReadFromTheStandbysInTurn) {
  plane().update_endpoint("primary", group_of(3, true));
  auto const reader = plane().open_read_only_front("primary");
  EXPECT_NE(reader, host_);
  EXPECT_EQ(plane().open_read_only_front("primary"), reader);
  insert(1);
  std::set<std::string> seen;
  for (int n = 0; n < 4; ++n) {
    PqConnection session{conninfo(reader)};
    ASSERT_TRUE(session.ok()) << session.error();
    EXPECT_EQ(session.value("SELECT pg_is_in_recovery()"), "t");
    EXPECT_EQ(session.run("INSERT INTO t VALUES (9)").sqlstate, "25006");
    EXPECT_TRUE(eventually([&] { return session.value("SELECT count(*) FROM t") == "1"; }));
    seen.insert(session.value("SHOW cluster_name"));
  }
  EXPECT_EQ(seen.size(), 2U);
  plane().fail_over("primary");
  insert(2);
  PqConnection session{conninfo(reader)};
  EXPECT_TRUE(eventually([&] { return session.value("SELECT count(*) FROM t") == "2"; })) << session.error();
  EXPECT_EQ(session.value("SELECT pg_is_in_recovery()"), "t");
  plane().update_endpoint("primary", group_of(3, false));
  EXPECT_FALSE(PqConnection{conninfo(reader)}.ok());
}

TEST_F(GroupTest, TheNextRunHasTheDataOfTheLastPrimary) {
  plane().update_endpoint("primary", group_of(2));
  plane().fail_over("primary");
  insert(1);
  EXPECT_TRUE(eventually([&] { return is_whole(); }));
  plane().fail_over("primary");
  insert(2);
  restart(group_of(2));
  EXPECT_TRUE(fs::exists(branch() / "data" / "PG_VERSION"));
  EXPECT_FALSE(fs::exists(branch() / "current"));
  EXPECT_EQ(numbers(), "1 2");
  EXPECT_TRUE(eventually([&] { return is_whole(); })) << logged();
  plane().fail_over("primary");
  EXPECT_EQ(numbers(), "1 2");
  restart({});
  EXPECT_EQ(numbers(), "1 2");
}

TEST_F(GroupTest, ARunThatEndsInTheMiddleLeavesOnePrimary) {
  insert(1);
  plane_.reset();
  RunAs const account = RunAs::choose();
  // The standby had been made the primary, and the former one was still there.
  fs::copy(branch() / "data", branch() / "member-3", fs::copy_options::recursive);
  fs::copy(branch() / "data", branch() / "member-4", fs::copy_options::recursive);
  fs::remove_all(branch() / "data" / "base");
  std::ofstream{branch() / "current"} << "member-3\ndata\n";
  give_to(account, branch());
  restart({});
  EXPECT_EQ(numbers(), "1");
  EXPECT_EQ(folders(), (std::set<std::string>{"data", "log"}));
  // Before that, it is a standby as any other.
  plane_.reset();
  fs::copy(branch() / "data", branch() / "member-3", fs::copy_options::recursive);
  fs::remove_all(branch() / "member-3" / "base");
  give_to(account, branch());
  restart({});
  EXPECT_EQ(numbers(), "1");
  EXPECT_EQ(folders(), (std::set<std::string>{"data", "log"}));
  // After it, the folder has its name already.
  plane_.reset();
  std::ofstream{branch() / "current"} << "member-3\n";
  give_to(account, branch());
  restart({});
  EXPECT_EQ(numbers(), "1");
}

TEST_F(GroupTest, GrowsAndShrinks) {
  plane().update_endpoint("primary", group_of(3));
  EXPECT_EQ(standby_numbers().size(), 2U);
  auto session = connect();
  ASSERT_TRUE(session.ok());
  plane().update_endpoint("primary", group_of(2));
  EXPECT_EQ(standby_numbers().size(), 1U);
  plane().update_endpoint("primary", group_of(1));
  EXPECT_TRUE(standby_numbers().empty());
  EXPECT_EQ(session.run("INSERT INTO t VALUES (1)").error, "");
  EXPECT_EQ(value("SHOW synchronous_standby_names"), "");
  EXPECT_TRUE(eventually([&] { return folders() == std::set<std::string>{"data"}; }));
  EXPECT_THROW(plane().fail_over("primary"), DataPlaneError);
}

TEST_F(GroupTest, AllHaveTheSettingsOfTheEndpoint) {
  plane().update_endpoint("primary", group_of(2, true));
  auto settings = group_of(2, true);
  settings.max_connections = 150;
  settings.pg_settings = {{"work_mem", "7MB"}};
  plane().update_endpoint("primary", settings);
  EXPECT_TRUE(is_whole());
  PqConnection reader{conninfo(plane().open_read_only_front("primary"))};
  EXPECT_EQ(reader.value("SHOW max_connections"), "150");
  plane().fail_over("primary");
  auto session = connect();
  EXPECT_EQ(session.value("SHOW work_mem"), "7MB");
  EXPECT_EQ(session.value("SHOW max_connections"), "150");
}

TEST_F(GroupTest, SleepsOnRequestAndWakes) {
  plane().update_endpoint("primary", group_of(2));
  insert(1);
  plane().suspend("primary");
  EXPECT_EQ(plane().status("primary").state, ComputeState::idle);
  EXPECT_TRUE(standby_numbers().empty());
  EXPECT_EQ(connect().value("SELECT count(*) FROM t"), "1");
  EXPECT_TRUE(eventually([&] { return is_whole(); })) << logged();
}

TEST_F(GroupTest, MomentsOnBothSidesOfAFailoverCanBeReached) {
  plane().create_branch("root", {"CREATE DATABASE app"});
  plane().add_endpoint("ep", "root", group_of(2));
  auto const run = [&](std::string const& sql) { return plane().execute("root", "app", {sql}); };
  auto const is_whole = [&] { return plane().status("ep").state == ComputeState::active; };
  run("CREATE TABLE t(n bigint)");
  std::vector<std::string> positions;
  std::vector<TimePoint> times;
  for (std::size_t n = 1; n <= 6; ++n) {
    run("INSERT INTO t VALUES (" + std::to_string(n) + ")");
    positions.push_back(run("SELECT pg_current_wal_lsn()").at(0).at(0));
    times.push_back(system_time());
    if (n % 2 != 0) continue;
    EXPECT_TRUE(eventually([&] { return is_whole(); }, 30s)) << logged();
    n == 4 ? plane().crash("ep") : plane().fail_over("ep");
  }
  auto const check = [&](std::string const& when) {
    std::string expected;
    for (std::size_t n = 1; n <= 6; ++n) {
      expected += (n == 1 ? "" : " ") + std::to_string(n);
      if (n == 1 || n == 3) continue;
      plane().copy_branch("root", "by-lsn", Lsn{positions.at(n - 1)});
      EXPECT_EQ(numbers("by-lsn"), expected) << when;
      plane().copy_branch("root", "by-time", times.at(n - 1));
      EXPECT_EQ(numbers("by-time"), expected) << when;
      plane().remove_branch("by-lsn");
      plane().remove_branch("by-time");
    }
  };
  check("in the same run");
  // A child of what has changed its timeline has a past too.
  plane().copy_branch("root", "child", times.at(3));
  plane().execute("child", "app", {"INSERT INTO t VALUES (100)"});
  auto const lsn = plane().execute("child", "app", {"SELECT pg_current_wal_lsn()"}).at(0).at(0);
  plane().execute("child", "app", {"INSERT INTO t VALUES (101)"});
  plane().copy_branch("child", "grandchild", Lsn{lsn});
  EXPECT_EQ(numbers("grandchild"), "1 2 3 4 100");
  EXPECT_TRUE(eventually([&] { return is_whole(); }, 30s)) << logged();
  plane_.reset();
  plane_ = std::make_unique<DataPlane>(options());
  check("in the next run");
}

}  // namespace
}  // namespace lakebase::emulator
