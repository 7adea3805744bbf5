#include "data_plane_fixture.hpp"

namespace lakebase::emulator {
namespace {

class StandbyTest : public DataPlaneTest {
 protected:
  void SetUp() override {
    DataPlaneTest::SetUp();
    plane().execute("main", "app", {"CREATE TABLE t AS SELECT 1 AS n", "GRANT ALL ON t TO alice"});
    reader_ = plane().add_endpoint("reader", "main", {.read_only = true});
  }
  PqConnection connect_reader() const { return PqConnection{conninfo(reader_)}; }

  std::string reader_;
};

TEST_F(StandbyTest, ReadsAndRefusesWrites) {
  auto session = connect_reader();
  EXPECT_EQ(session.value("SELECT n FROM t"), "1") << session.error();
  EXPECT_EQ(session.run("INSERT INTO t VALUES (2)").sqlstate, "25006");
  EXPECT_EQ(session.value("SELECT pg_is_in_recovery()"), "t");
}

TEST_F(StandbyTest, FollowsItsPrimary) {
  auto session = connect_reader();
  for (int round = 2; round < 4; ++round) {
    plane().execute("main", "app", {"INSERT INTO t VALUES (" + std::to_string(round) + ")"});
    EXPECT_TRUE(eventually([&] { return session.value("SELECT max(n) FROM t") == std::to_string(round); })) << round;
    plane().suspend("primary");
    EXPECT_EQ(session.value("SELECT max(n) FROM t"), std::to_string(round));
  }
}

TEST_F(StandbyTest, ReadsWhileItsPrimarySleeps) {
  plane().suspend("primary");
  auto session = connect_reader();
  EXPECT_EQ(session.value("SELECT n FROM t"), "1") << session.error();
  EXPECT_EQ(plane().status("primary").state, ComputeState::idle);
}

TEST_F(StandbyTest, SeesOnTheNextStartWhatItMissed) {
  EXPECT_EQ(connect_reader().value("SELECT max(n) FROM t"), "1");
  plane().suspend("reader");
  plane().execute("main", "app", {"INSERT INTO t VALUES (5)"});
  plane().suspend("primary");
  EXPECT_EQ(connect_reader().value("SELECT max(n) FROM t"), "5");
}

TEST_F(StandbyTest, HasNoFewerConnectionsThanItsPrimary) {
  auto session = connect_reader();
  EXPECT_EQ(session.value("SHOW max_connections"), "100") << session.error();
  plane().update_endpoint("primary", {.max_connections = 150});
  EXPECT_TRUE(eventually([&] { return connect_reader().value("SHOW max_connections") == "150"; }));
  plane().execute("main", "app", {"INSERT INTO t VALUES (9)"});
  EXPECT_TRUE(eventually([&] { return connect_reader().value("SELECT max(n) FROM t") == "9"; }));
}

TEST_F(StandbyTest, GoesWithItsBranch) {
  EXPECT_TRUE(connect_reader().ok());
  plane().remove_branch("main");
  EXPECT_THROW(plane().status("reader"), DataPlaneError);
  EXPECT_FALSE(std::filesystem::exists(root_.path() / "branches" / "main"));
}

}  // namespace
}  // namespace lakebase::emulator
