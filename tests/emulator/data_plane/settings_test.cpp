#include <fstream>

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

TEST_F(SettingsTest, LimitTheConnectionsInPostgresWords) {
  plane().update_endpoint("primary", {.max_connections = 8});
  std::vector<PqConnection> sessions;
  for (int i = 0; i < 5; ++i) {
    sessions.push_back(connect());
    EXPECT_TRUE(sessions.back().ok()) << sessions.back().error();
  }
  auto const refused = connect();
  EXPECT_FALSE(refused.ok());
  EXPECT_THAT(refused.error(),
              testing::AllOf(HasSubstr("53300"), HasSubstr("remaining connection slots are reserved")));
  sessions.pop_back();
  EXPECT_TRUE(eventually([&] { return connect().ok(); }));
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

TEST_F(SettingsTest, AreTakenBackWhereNobodyCanLogInWithThem) {
  ComputeSettings const closed{.pg_settings = {{"client_encoding", "MULE_INTERNAL"}}};
  for (bool const running : {false, true}) {
    if (running) plane().start("primary");
    EXPECT_THAT(refusal(closed), HasSubstr("nobody can log in with these settings"));
    EXPECT_EQ(plane().status("primary").state, running ? ComputeState::active : ComputeState::idle);
    EXPECT_EQ(connect().value("SHOW client_encoding"), "UTF8");
    plane().suspend("primary");
  }
  plane().update_endpoint("primary", {});
  EXPECT_TRUE(connect().ok());
}

TEST_F(SettingsTest, AreTriedWhereTheServerSleepsWithoutWakingItForLong) {
  plane().update_endpoint("primary", {.pg_settings = {{"work_mem", "12MB"}}});
  EXPECT_EQ(plane().status("primary").state, ComputeState::idle);
  EXPECT_THAT(refusal({.pg_settings = {{"shared_buffers", "4000GB"}}}), HasSubstr("memory"));
  EXPECT_EQ(plane().status("primary").state, ComputeState::idle);
  auto session = connect();
  EXPECT_EQ(session.value("SHOW shared_buffers"), "32MB") << session.error();
  EXPECT_EQ(session.value("SHOW work_mem"), "12MB");
}

/// What ends, hides, delays or forbids what a session does.
ComputeSettings hostile_settings() {
  return {.pg_settings = {{"statement_timeout", "1"},
                          {"lock_timeout", "1"},
                          {"idle_session_timeout", "1"},
                          {"idle_in_transaction_session_timeout", "1"},
                          {"wal_sender_timeout", "1"},
                          {"default_transaction_read_only", "on"},
                          {"default_transaction_isolation", "serializable"},
                          {"default_transaction_deferrable", "on"},
                          {"search_path", "nowhere"},
                          {"exit_on_error", "on"},
                          {"synchronous_commit", "off"},
                          {"client_encoding", "SQL_ASCII"},
                          {"DateStyle", "SQL, DMY"},
                          {"IntervalStyle", "iso_8601"},
                          {"bytea_output", "escape"},
                          {"standard_conforming_strings", "off"},
                          {"backslash_quote", "off"},
                          {"default_tablespace", "nowhere"},
                          {"temp_tablespaces", "nowhere"},
                          {"restrict_nonsystem_relation_kind", "view, foreign-table"}}};
}

class HostileSettingsTest : public SettingsTest {
 protected:
  /// All that the emulator does with a branch, while it runs and while it sleeps.
  void use_everything() {
    plane().execute("main", "postgres", {"CREATE ROLE \"made\\one\" LOGIN", "DROP ROLE \"made\\one\""});
    plane().execute("main", "app", {"CREATE TABLE IF NOT EXISTS t AS SELECT 1 AS n", "GRANT ALL ON t TO alice"});
    plane().copy_branch("main", "copy-of-running");
    plane().suspend("primary");
    plane().copy_branch("main", "copy-of-resting");
    for (char const* copy : {"copy-of-running", "copy-of-resting"}) {
      EXPECT_EQ(plane().execute(copy, "app", {"SELECT n FROM t"}).at(0).at(0), "1");
      plane().remove_branch(copy);
    }
    EXPECT_TRUE(connect("password=secret").ok()) << "a native password is looked up by the emulator";
  }
};

TEST_F(HostileSettingsTest, OfAnEndpointDoNotBreakTheEmulatorsOwnWork) {
  auto hostile = hostile_settings();
  for (auto const& row : plane().execute("main", "postgres", {"SELECT name FROM pg_settings"})) {
    // Enough for a login, which is a transaction under it too, now and then on a busy machine.
    if (row.at(0) == "transaction_timeout") hostile.pg_settings["transaction_timeout"] = "20";
  }
  auto const known = plane().execute("main", "postgres",
                                     {"SELECT 1 FROM pg_settings WHERE name = 'restrict_nonsystem_relation_kind'"});
  if (known.empty()) hostile.pg_settings.erase("restrict_nonsystem_relation_kind");
  ASSERT_NO_THROW(plane().update_endpoint("primary", hostile));
  EXPECT_EQ(plane().execute("main", "postgres", {"SELECT setting FROM pg_file_settings WHERE name = 'search_path'"}),
            (std::vector<std::vector<std::string>>{{"nowhere"}}));
  use_everything();
  ASSERT_NO_THROW(plane().update_endpoint("primary", {}));
  EXPECT_NE(connect().value("SHOW search_path"), "nowhere");
}

TEST_F(SettingsTest, TheEmulatorsOwnStatementsWaitTenSecondsForALock) {
  ASSERT_NO_THROW(plane().update_endpoint("primary", {.pg_settings = {{"lock_timeout", "0"}}}));
  EXPECT_EQ(plane().execute("main", "app", {"SHOW lock_timeout"}).at(0).at(0), "10s");
}

TEST_F(HostileSettingsTest, OfADatabaseOrARoleDoNotEither) {
  auto session = connect();
  for (char const* setting :
       {"statement_timeout = 1", "lock_timeout = 1", "idle_session_timeout = 1", "default_transaction_read_only = on",
        "default_transaction_isolation = serializable", "search_path = nowhere", "role = alice",
        "local_preload_libraries = nothing", "exit_on_error = on"}) {
    EXPECT_EQ(session.run(std::string{"ALTER DATABASE app SET "} + setting).error, "") << setting;
  }
  EXPECT_EQ(session.run("ALTER ROLE alice SET statement_timeout = 1").error, "");
  EXPECT_EQ(plane().execute("main", "app", {"SELECT current_user"}).at(0).at(0), "cloud_admin");
  EXPECT_NO_THROW(plane().execute("main", "app", {"CREATE TABLE t AS SELECT 1 AS n", "SELECT n FROM t"}));
  EXPECT_NO_THROW(plane().execute("main", "app", {"REASSIGN OWNED BY alice TO databricks_superuser"}));
}

TEST_F(HostileSettingsTest, OfAPrimaryDoNotKeepAStandbyFromFollowing) {
  plane().execute("main", "app", {"CREATE TABLE t AS SELECT 1 AS n", "GRANT ALL ON t TO alice"});
  std::string const reader = plane().add_endpoint("reader", "main", {.read_only = true});
  auto hostile = hostile_settings();
  hostile.pg_settings.erase("restrict_nonsystem_relation_kind");
  hostile.pg_settings.erase("search_path");
  hostile.pg_settings.erase("statement_timeout");
  plane().update_endpoint("primary", hostile);
  plane().start("reader");
  for (char const* round : {"2", "3"}) {
    plane().execute("main", "app", {std::string{"INSERT INTO t VALUES ("} + round + ")"});
    EXPECT_TRUE(eventually([&] { return PqConnection{conninfo(reader)}.value("SELECT max(n) FROM t") == round; }));
  }
}

class AutoConfTest : public SettingsTest {
 protected:
  std::filesystem::path file() const { return root_.path() / "branches/main/data/postgresql.auto.conf"; }
  void write(std::string const& text) const { std::ofstream{file(), std::ios::app} << text; }
};

TEST_F(AutoConfTest, DoesNotMoveTheServer) {
  write(
      "port = 17999\nlisten_addresses = '*'\nunix_socket_directories = '/tmp'\nunix_socket_permissions = 0777\n"
      "hba_file = '/nowhere'\nident_file = '/nowhere'\nlog_statement = all\nlogging_collector = on\n");
  plane().start("primary");
  auto session = connect();
  EXPECT_EQ(session.value("SHOW port"), "5432") << session.error();
  EXPECT_EQ(session.value("SHOW listen_addresses"), "");
  EXPECT_EQ(session.value("SHOW log_statement"), "none");
  plane().update_endpoint("primary", {.pg_settings = {{"work_mem", "12MB"}}});
  EXPECT_EQ(connect().value("SHOW work_mem"), "12MB");
}

TEST_F(AutoConfTest, IsNamedWhereTheServerDoesNotWorkWithIt) {
  for (char const* setting : {"shared_buffers = 4000GB", "client_encoding = MULE_INTERNAL"}) {
    std::string const name{setting, std::string_view{setting}.find(' ')};
    std::filesystem::resize_file(file(), 0);
    write(setting);
    try {
      plane().start("primary");
      FAIL() << setting;
    } catch (DataPlaneError const& error) {
      EXPECT_THAT(error.what(), HasSubstr("; note that " + file().string() + " sets " + name));
    }
  }
}

TEST_F(SettingsTest, MayBeLongButNotTooLong) {
  EXPECT_EQ(refusal({.pg_settings = {{"app.text", std::string(8000, 'x')}}}), "none");
  EXPECT_EQ(connect().value("SHOW app.text"), std::string(8000, 'x'));
  EXPECT_EQ(refusal({.pg_settings = {{"app.text", std::string(300'000, 'x')}}}),
            "22023 invalid value for parameter \"app.text\": it has 300000 bytes, at most 8184 are taken");
}

TEST_F(SettingsTest, MayComeWithAReadOnlyEndpoint) {
  std::string const reader = plane().add_endpoint(
      "reader", "main",
      {.read_only = true, .pg_settings = {{"work_mem", "12MB"}, {"default_transaction_isolation", "serializable"}}});
  PqConnection session{conninfo(reader)};
  EXPECT_EQ(session.value("SHOW work_mem"), "12MB") << session.error();
  EXPECT_THROW(plane().add_endpoint("bad", "main", {.read_only = true, .pg_settings = {{"work_mem", "much"}}}),
               DataPlaneError);
  EXPECT_THROW(
      plane().add_endpoint("worse", "main", {.read_only = true, .pg_settings = {{"archive_cleanup_command", "date"}}}),
      DataPlaneError);
  plane().update_endpoint("reader", {.read_only = true, .pg_settings = {{"work_mem", "13MB"}}});
  EXPECT_EQ(PqConnection{conninfo(reader)}.value("SHOW work_mem"), "13MB");
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
