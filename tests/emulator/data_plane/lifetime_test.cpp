#include <signal.h>

#include <fstream>
#include <future>
#include <iterator>

#include "data_plane_fixture.hpp"
#include "processes.hpp"
#include "raw_client.hpp"

namespace lakebase::emulator {
namespace {

using testing::HasSubstr;

class LifetimeTest : public DataPlaneTest {
 protected:
  std::filesystem::path data() const { return root_.path() / "branches" / "main" / "data"; }
};

std::string failure_of(std::function<void()> const& work) {
  try {
    work();
    return "none";
  } catch (DataPlaneError const& error) {
    return error.what();
  }
}

TEST_F(LifetimeTest, EndsWithoutAProcessLeft) {
  plane().copy_branch("main", "child");
  std::string const reader = plane().add_endpoint("reader", "main", {.read_only = true});
  plane().execute("child", "app", {"SELECT 1"});
  PqConnection reading{conninfo(reader)};
  auto session = connect();
  ASSERT_TRUE(session.ok() && reading.ok());
  PQsendQuery(session.get(), "SELECT pg_sleep(60)");
  RawClient half_open{host_};
  auto const began = std::chrono::steady_clock::now();
  plane_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 4s);
  EXPECT_TRUE(processes_below(root_.path()).empty());
  EXPECT_EQ(session.finish().sqlstate, "57P01");
  EXPECT_FALSE(std::filesystem::exists(data() / "postmaster.pid"));
}

TEST_F(LifetimeTest, TheEndOfItsClientsFreesTheirLocks) {
  auto session = connect();
  ASSERT_EQ(session.run("CREATE TABLE t (n int)").error, "");
  ASSERT_EQ(session.run("BEGIN; LOCK TABLE t").error, "");
  auto waiting = std::async(std::launch::async, [&] { plane().execute("main", "app", {"ALTER TABLE t ADD m int"}); });
  ASSERT_TRUE(eventually(
      [&] { return !plane().execute("main", "app", {"SELECT 1 FROM pg_locks WHERE NOT granted"}).empty(); }));
  plane().end_client_sessions();
  EXPECT_NO_THROW(waiting.get());
  EXPECT_EQ(session.run("SELECT 1").sqlstate, "57P01");
  EXPECT_FALSE(connect().ok()) << "nobody is let in any more";
  EXPECT_NO_THROW(plane().execute("main", "app", {"SELECT m FROM t"}));
}

TEST_F(LifetimeTest, GoesOnWhereAnEarlierLifeEnded) {
  ASSERT_EQ(connect().run("CREATE TABLE t AS SELECT 42 AS n").error, "");
  auto const before = plane().ca_certificate();
  std::string const first_conninfo = conninfo(host_);
  std::string const address = host_;
  plane_.reset();
  plane_ = std::make_unique<DataPlane>(options());
  EXPECT_EQ(plane().add_endpoint("primary", "main", {}, address), address);
  EXPECT_EQ(plane().ca_certificate(), before);
  EXPECT_EQ(PqConnection{first_conninfo}.value("SELECT n FROM t"), "42");
}

TEST_F(LifetimeTest, GivesServersThatDoNotEndOneTimeTogetherAndKeepsWhatIsTheirs) {
  plane().execute("main", "app", {"CREATE TABLE kept AS SELECT 42 AS n"});
  for (char const* child : {"second", "third"}) plane().copy_branch("main", child);
  for (char const* branch : {"main", "second", "third"}) {
    plane().execute(branch, "app", {"INSERT INTO kept VALUES (43)"});
    pid_t postmaster = 0;
    std::ifstream{root_.path() / "branches" / branch / "data" / "postmaster.pid"} >> postmaster;
    ASSERT_GT(postmaster, 1);
    ::kill(postmaster, SIGSTOP);
  }
  auto const began = std::chrono::steady_clock::now();
  plane_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s) << "2 s each, one after another, are 6 s";
  EXPECT_TRUE(processes_below(root_.path()).empty());
  start_data_plane();
  for (char const* branch : {"main", "second", "third"}) {
    EXPECT_EQ(plane().execute(branch, "app", {"SELECT sum(n) FROM kept"}).at(0).at(0), "85") << branch;
  }
}

TEST_F(LifetimeTest, TakesABranchWhoseLogAndAccessRulesAreAnEarlierVersions) {
  ASSERT_EQ(connect().run("CREATE TABLE t AS SELECT 42 AS n").error, "");
  plane_.reset();
  std::filesystem::remove_all(root_.path() / "logs");
  std::ofstream{data() / "pg_hba.conf"} << "local all all trust\nlocal replication cloud_admin trust\n";
  std::ofstream{data().parent_path() / "postgres.log"} << "an old line\n";
  give_to(RunAs::choose(), data().parent_path());
  start_data_plane();
  EXPECT_EQ(connect().value("SELECT n FROM t"), "42");
  EXPECT_TRUE(std::filesystem::exists(root_.path() / "logs" / "main" / "postgres.log"));
  std::ifstream rules{data() / "pg_hba.conf"};
  std::string const first{std::istreambuf_iterator<char>{rules}, {}};
  EXPECT_THAT(first, HasSubstr("cloud_admin peer map=emulator"));
}

TEST_F(LifetimeTest, TakesAnotherAddressWhereTheWantedOneIsTaken) {
  plane().copy_branch("main", "child");
  EXPECT_NE(plane().add_endpoint("second", "child", {}, host_), host_);
}

TEST_F(LifetimeTest, HasItsFolderForItself) {
  EXPECT_THAT(failure_of([&] { DataPlane{options()}; }), HasSubstr("another emulator is using"));
}

TEST_F(LifetimeTest, TakesRootsWithLongPaths) {
  plane_.reset();
  auto const deep = root_.path() / std::string(90, 'x');
  place_branch(deep, "main");
  auto wanted = options();
  wanted.root = deep;
  DataPlane plane{wanted};
  EXPECT_EQ(plane.execute("main", "app", {"SELECT 1"}).at(0).at(0), "1");
}

TEST_F(LifetimeTest, SaysWhyAPortCannotBeHad) {
  auto const everywhere = listen_on("0.0.0.0", test_port + 1);
  plane_.reset();
  auto wanted = options();
  wanted.postgres_port = test_port + 1;
  DataPlane plane{wanted};
  EXPECT_THAT(failure_of([&] { plane.add_endpoint("primary", "main", {}); }), HasSubstr("--postgres-port"));
  EXPECT_THROW(plane.status("primary"), DataPlaneError);
}

TEST_F(LifetimeTest, ServersEndWithAnEmulatorThatIsKilled) {
  plane_.reset();
  OtherEmulator other{root_.path()};
  EXPECT_FALSE(processes_below(root_.path()).empty());
  other.kill();
  EXPECT_TRUE(eventually([&] { return processes_below(root_.path()).empty(); }));
  start_data_plane();
  EXPECT_EQ(connect().value("SELECT n FROM kept"), "1");
}

TEST_F(LifetimeTest, RecoversWhereTheEmulatorAndItsServersWereKilled) {
  plane_.reset();
  OtherEmulator other{root_.path()};
  auto const processes = processes_below(root_.path());
  ASSERT_FALSE(processes.empty());
  for (pid_t pid : processes) ::kill(pid, SIGKILL);
  other.kill();
  EXPECT_NE(postmaster_of(data()), 0) << "a stale postmaster.pid";
  start_data_plane();
  EXPECT_EQ(connect().value("SELECT n FROM kept"), "1");
}

TEST_F(LifetimeTest, TakesOverFromServersThatHaveNotEndedYet) {
  plane_.reset();
  OtherEmulator other{root_.path()};
  pid_t const postmaster = postmaster_of(data());
  // It cannot obey while it is stopped.
  ::kill(postmaster, SIGSTOP);
  other.kill();
  start_data_plane();
  EXPECT_EQ(connect().value("SELECT n FROM kept"), "1");
}

TEST_F(LifetimeTest, ClearsAwayBranchesThatWereNotFinished) {
  plane_.reset();
  auto const half = root_.path() / "branches" / ".unfinished-child";
  std::filesystem::create_directories(half / "data");
  give_to(RunAs::choose(), half);
  start_data_plane();
  EXPECT_FALSE(std::filesystem::exists(half));
  EXPECT_NO_THROW(plane().copy_branch("main", "child"));
}

}  // namespace
}  // namespace lakebase::emulator
