#include "data_plane_fixture.hpp"

namespace lakebase::emulator {
namespace {

using testing::HasSubstr;

class SettingsTest : public DataPlaneTest {
 protected:
  std::string refusal(ComputeSettings const& settings) {
    try {
      plane().update_endpoint("primary", settings);
      return "none";
    } catch (DataPlaneError const& error) {
      return error.sqlstate() + " " + error.what();
    }
  }
};

TEST_F(SettingsTest, HoldFromTheNextStart) {
  plane().update_endpoint("primary", {.max_connections = 33, .pg_settings = {{"work_mem", "12MB"}}});
  auto session = connect();
  EXPECT_EQ(session.value("SHOW max_connections"), "33") << session.error();
  EXPECT_EQ(session.value("SHOW work_mem"), "12MB");
}

TEST_F(SettingsTest, AreReloadedWithoutHarmToSessions) {
  auto session = connect();
  ASSERT_TRUE(session.ok()) << session.error();
  plane().update_endpoint("primary", {.pg_settings = {{"work_mem", "12MB"}}});
  EXPECT_EQ(connect().value("SHOW work_mem"), "12MB");
  EXPECT_TRUE(eventually([&] { return session.value("SHOW work_mem") == "12MB"; }));
  plane().update_endpoint("primary", {});
  EXPECT_EQ(connect().value("SHOW work_mem"), "4MB");
}

TEST_F(SettingsTest, RestartTheServerWhereTheyMust) {
  auto session = connect();
  ASSERT_TRUE(session.ok()) << session.error();
  plane().update_endpoint("primary", {.max_connections = 200, .pg_settings = {{"max_locks_per_transaction", "128"}}});
  EXPECT_EQ(session.run("SELECT 1").sqlstate, "57P01");
  auto next = connect();
  EXPECT_EQ(next.value("SHOW max_connections"), "200") << next.error();
  EXPECT_EQ(next.value("SHOW max_locks_per_transaction"), "128");
}

TEST_F(SettingsTest, AreRefusedWithPostgresReason) {
  for (bool const running : {false, true}) {
    if (running) plane().start("primary");
    EXPECT_EQ(refusal({.pg_settings = {{"no_such_setting", "1"}}}),
              "42704 unrecognized configuration parameter \"no_such_setting\"");
    EXPECT_THAT(refusal({.pg_settings = {{"work_mem", "much"}}}),
                HasSubstr("22023 invalid value for parameter \"work_mem\": \"much\""));
    EXPECT_THAT(refusal({.pg_settings = {{"port", "1"}}}), HasSubstr("55P02"));
  }
  EXPECT_EQ(connect().value("SHOW work_mem"), "4MB");
}

TEST_F(SettingsTest, AreTakenBackWhereTheServerDoesNotStartWithThem) {
  plane().start("primary");
  EXPECT_THAT(refusal({.pg_settings = {{"shared_buffers", "4000GB"}}}), HasSubstr("memory"));
  auto session = connect();
  EXPECT_EQ(session.value("SHOW shared_buffers"), "32MB") << session.error();
}

TEST_F(SettingsTest, CannotTurnAPrimaryIntoAStandby) {
  EXPECT_NE(refusal({.read_only = true}), "none");
}

TEST_F(SettingsTest, DecideAboutEndpointsToo) {
  EXPECT_THROW(plane().add_endpoint("second", "main", {}), DataPlaneError) << "two that write";
  EXPECT_THROW(plane().add_endpoint("primary", "main", {.read_only = true}), DataPlaneError) << "one name twice";
  EXPECT_THROW(plane().add_endpoint("bad", "main", {.read_only = true, .pg_settings = {{"nonsense", "1"}}}),
               DataPlaneError);
  EXPECT_THROW(plane().status("bad"), DataPlaneError);
}

}  // namespace
}  // namespace lakebase::emulator
