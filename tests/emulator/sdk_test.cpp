// The SDK and libpq against the emulator, over real sockets and a real PostgreSQL: what a user's program sees.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <lakebase/lakebase.hpp>
#include <lakebase/testing/emulator.hpp>

#include "sql_connection.hpp"
#include "support/postgres_major.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;
using namespace std::chrono_literals;

// One emulator with one project serves the whole suite: initdb is what takes time.
class EmulatorTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    testing::EmulatorOptions options;
    options.groups = {"data team"};
    auto const major = wanted_major();
    if (major) {
      auto const programs = programs_of(*major);
      if (!programs) return;
      options.postgres_bin = {*programs};
    }
    emulator = new testing::Emulator{options};
    client()
        .create_project(Project{.spec = ProjectSpec{.display_name = "Shop", .pg_version = major.value_or(16)}}, "shop")
        .wait();
  }
  void SetUp() override {
    if (emulator == nullptr) GTEST_SKIP() << "scripts/install-postgres " << *wanted_major() << " was not run";
  }
  static void TearDownTestSuite() {
    delete emulator;
    emulator = nullptr;
  }

  static PostgresClient client() { return PostgresClient{emulator->config()}; }
  static std::string user() { return *CurrentUserClient{emulator->config()}.me().user_name; }

  static Connection connect(std::string const& branch) {
    auto const endpoint = branch + "/endpoints/primary";
    return Connection{*emulator, *client().get_endpoint(endpoint).status->hosts->host, user(),
                      *client().generate_database_credential(endpoint).token};
  }

  static std::string make_branch(std::string const& id) {
    return *client()
                .create_branch("projects/shop", Branch{.spec = BranchSpec{.ttl = 1h}}, id)
                .wait({.timeout = 1min})
                .name;
  }

  static testing::Emulator* emulator;
  std::string const production = "projects/shop/branches/production";
};
testing::Emulator* EmulatorTest::emulator = nullptr;

TEST_F(EmulatorTest, ProjectRunsTheMajorThatItWasAskedFor) {
  auto const running = std::stoi(connect(production).query("SHOW server_version_num")) / 10000;
  EXPECT_EQ(client().get_project("projects/shop").status->pg_version, running);
  EXPECT_EQ(running, wanted_major().value_or(running));
}

TEST_F(EmulatorTest, ProjectHasTheServicesDefaults) {
  auto const project = client().get_project("projects/shop");
  EXPECT_EQ(project.project_id, "shop");
  EXPECT_FALSE(project.spec.has_value());
  EXPECT_EQ(project.status->display_name, "Shop");
  EXPECT_EQ(project.status->owner, user());
  EXPECT_EQ(project.status->default_branch, production);
  EXPECT_EQ(project.status->history_retention_duration, Duration{168h});
  EXPECT_EQ(project.status->branch_logical_size_limit_bytes, 8796093022208);
  EXPECT_EQ(client().list_branches("projects/shop").to_vector().at(0).name, production);
}

TEST_F(EmulatorTest, ATokenReadsAndWritesOverVerifiedTls) {
  auto const connection = connect(production);
  EXPECT_NE(connection.query("SELECT version()").find("PostgreSQL"), std::string::npos);
  EXPECT_EQ(connection.query("SELECT current_user"), user());
  EXPECT_EQ(connection.query("SELECT current_database()"), "databricks_postgres");
  connection.query("CREATE TABLE IF NOT EXISTS orders (id int)");
}

TEST_F(EmulatorTest, ABranchHasItsParentsDataAndGoesItsOwnWay) {
  connect(production).query("CREATE TABLE inherited AS SELECT 42 AS answer");
  auto const branch = make_branch("apart");
  auto const on_branch = connect(branch);
  EXPECT_EQ(on_branch.query("SELECT answer FROM inherited"), "42");
  on_branch.query("CREATE TABLE branch_only (x int)");
  EXPECT_EQ(connect(production).query("SELECT to_regclass('branch_only')"), "");
  EXPECT_EQ(client().get_branch(branch).status->current_state, BranchStatusState::ready);
  client().delete_branch(branch, {.purge = true}).wait();
  EXPECT_THROW(static_cast<void>(client().get_branch(branch)), NotFound);
}

TEST_F(EmulatorTest, ABranchOfASleepingParentHasItsRows) {
  connect(production).query("CREATE TABLE slept AS SELECT generate_series(1, 1000) AS n");
  emulator->suspend(production + "/endpoints/primary");
  auto const branch = make_branch("of-sleeper");
  EXPECT_EQ(connect(branch).query("SELECT count(*) FROM slept"), "1000");
  client().delete_branch(branch, {.purge = true}).wait();
}

TEST_F(EmulatorTest, ARoleThatSqlMakesIsAResourceAndLogsIn) {
  auto const branch = make_branch("sql-roles");
  auto const endpoint = branch + "/endpoints/primary";
  auto const owner = connect(branch);
  owner.query("CREATE EXTENSION IF NOT EXISTS databricks_auth");
  owner.query("SELECT databricks_create_role('data team', 'GROUP')");
  owner.query("GRANT CREATE ON SCHEMA public TO \"data team\"");
  auto const token = client().generate_database_credential(endpoint, {.group_name = "data team"}).token;
  Connection const member{*emulator, *client().get_endpoint(endpoint).status->hosts->host, "data team", *token};
  EXPECT_EQ(member.query("SELECT current_user"), "data team");
  member.query("CREATE TABLE of_the_team (id int)");

  auto const roles = client().list_roles(branch).to_vector();
  auto const made = std::find_if(roles.begin(), roles.end(),
                                 [](Role const& role) { return role.status->postgres_role == "data team"; });
  ASSERT_NE(made, roles.end());
  EXPECT_EQ(made->name, branch + "/roles/data-team");
  EXPECT_EQ(made->status->identity_type, RoleIdentityType::group);
  EXPECT_EQ(made->status->auth_method, RoleAuthMethod::lakebase_oauth_v1);
  EXPECT_THROW(client().delete_role(*made->name).wait(), Error) << "it owns a table";
  client().delete_role(*made->name, {.reassign_owned_to = *roles.at(0).name}).wait();
  EXPECT_EQ(owner.query("SELECT count(*) FROM pg_roles WHERE rolname = 'data team'"), "0");
  EXPECT_EQ(owner.query("SELECT string_agg(role_name, ',') FROM databricks_list_roles"), user())
      << "the API's roles are listed by SQL";
  client().delete_branch(branch, {.purge = true}).wait();
}

TEST_F(EmulatorTest, AComputeIsResizedByItsMask) {
  auto const name = production + "/endpoints/primary";
  auto const endpoint =
      client()
          .update_endpoint(
              name, Endpoint{.spec = EndpointSpec{.autoscaling_limit_max_cu = 8.0, .autoscaling_limit_min_cu = 2.0}},
              FieldMask{"spec.autoscaling_limit_min_cu", "spec.autoscaling_limit_max_cu"})
          .wait();
  EXPECT_EQ(endpoint.status->autoscaling_limit_max_cu, 8.0);
  EXPECT_EQ(endpoint.status->autoscaling_limit_min_cu, 2.0);
  EXPECT_THROW(static_cast<void>(client().update_endpoint(name, Endpoint{.spec = EndpointSpec{.no_suspension = true}},
                                                          FieldMask{"spec.no_suspension"})),
               BadRequest);
}

TEST_F(EmulatorTest, ASuspendedEndpointWakesOnConnect) {
  auto const name = production + "/endpoints/primary";
  emulator->suspend(name);
  EXPECT_EQ(client().get_endpoint(name).status->current_state, EndpointStatusState::idle);
  EXPECT_EQ(connect(production).query("SELECT 1"), "1");
  EXPECT_EQ(client().get_endpoint(name).status->current_state, EndpointStatusState::active);
}

TEST_F(EmulatorTest, AReadOnlyEndpointFollowsItsPrimary) {
  connect(production).query("CREATE TABLE followed AS SELECT 1 AS n");
  auto const reader =
      *client()
           .create_endpoint(production, Endpoint{.spec = EndpointSpec{.endpoint_type = EndpointType::read_only}},
                            "reader")
           .wait()
           .name;
  Connection const reading{*emulator, *client().get_endpoint(reader).status->hosts->host, user(),
                           *client().generate_database_credential(reader).token};
  EXPECT_EQ(reading.query("SELECT n FROM followed"), "1");
  EXPECT_EQ(reading.query("SELECT pg_is_in_recovery()"), "t");
  EXPECT_THROW(reading.query("INSERT INTO followed VALUES (2)"), SqlError);
  connect(production).query("INSERT INTO followed VALUES (3)");
  auto const deadline = std::chrono::steady_clock::now() + 30s;
  while (reading.query("SELECT max(n) FROM followed") != "3") {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::sleep_for(10ms);
  }
  client().delete_endpoint(reader).wait();
}

TEST_F(EmulatorTest, SettingsReachTheServer) {
  auto const name = production + "/endpoints/primary";
  auto const set = [&](std::map<std::string, std::string> const& settings) {
    client()
        .update_endpoint(name, Endpoint{.spec = EndpointSpec{.settings = EndpointSettings{.pg_settings = settings}}},
                         FieldMask{"spec.settings.pg_settings"})
        .wait();
  };
  set({{"work_mem", "12MB"}, {"max_locks_per_transaction", "96"}});
  EXPECT_EQ(connect(production).query("SHOW work_mem"), "12MB");
  EXPECT_EQ(connect(production).query("SHOW max_locks_per_transaction"), "96");
  EXPECT_THROW(set({{"no_such_setting", "1"}}), Error);
  EXPECT_THROW(set({{"work_mem", "much"}}), Error);
  EXPECT_EQ(connect(production).query("SHOW work_mem"), "12MB");
  set({});
  EXPECT_EQ(connect(production).query("SHOW work_mem"), "4MB");
}

TEST_F(EmulatorTest, AKilledServerLosesNoCommittedRow) {
  {
    auto const connection = connect(production);
    connection.query("CREATE TABLE kept AS SELECT 7 AS n");
    emulator->crash(production + "/endpoints/primary");
    EXPECT_THROW(connection.query("SELECT 1"), SqlError);
  }
  EXPECT_EQ(connect(production).query("SELECT n FROM kept"), "7");
}

TEST_F(EmulatorTest, ConnectionsThatMustFailFail) {
  auto const endpoint = production + "/endpoints/primary";
  auto const host = *client().get_endpoint(endpoint).status->hosts->host;
  auto const token = *client().generate_database_credential(endpoint).token;
  EXPECT_THROW((Connection{*emulator, host, user(), "not-a-token"}), SqlError);
  EXPECT_THROW((Connection{*emulator, host, "somebody@else.com", token}), SqlError);
  EXPECT_THROW((Connection{*emulator, host, user(), token, "disable"}), SqlError);
  EXPECT_THROW((Connection{*emulator, host, user(), token, "verify-full", "no_such_database"}), SqlError);
  EXPECT_THROW((Connection{*emulator, host, user(), *emulator->config().token}), SqlError) << "a workspace token";
}

TEST_F(EmulatorTest, RolesAndDatabasesExistInPostgres) {
  auto const role =
      client()
          .create_role(production,
                       Role{.spec = RoleRoleSpec{.identity_type = RoleIdentityType::service_principal,
                                                 .postgres_role = "11111111-2222-3333-4444-555555555555"}},
                       {.role_id = "sp-reader"})
          .wait();
  EXPECT_EQ(role.status->auth_method, RoleAuthMethod::lakebase_oauth_v1);
  auto const database =
      client()
          .create_database(production,
                           Database{.spec = DatabaseDatabaseSpec{.role = *role.name, .postgres_database = "sales"}},
                           {.database_id = "sales"})
          .wait();
  EXPECT_EQ(database.status->postgres_database, "sales");
  auto const connection = connect(production);
  EXPECT_EQ(connection.query("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'sales'"),
            "11111111-2222-3333-4444-555555555555");
  client().delete_database(*database.name).wait();
  client().delete_role(*role.name).wait();
  EXPECT_EQ(connection.query("SELECT count(*) FROM pg_database WHERE datname = 'sales'"), "0");
}

TEST_F(EmulatorTest, CreateroleReachesNoMoreThanInTheService) {
  bool const old = std::stoi(connect(production).query("SHOW server_version_num")) < 160000;
  Role const creator{.spec =
                         RoleRoleSpec{.attributes = RoleAttributes{.createrole = true}, .postgres_role = "creator"}};
  auto making = client().create_role(production, creator, {.role_id = "creator"});
  if (old) {
    EXPECT_THROW(making.wait(), OperationFailed);
    EXPECT_THROW(static_cast<void>(client().get_role(production + "/roles/creator")), NotFound);
  } else {
    making.wait();
    client().delete_role(production + "/roles/creator").wait();
  }
}

TEST_F(EmulatorTest, TheOwnerAdministersRolesThatTheApiMakes) {
  auto const branch = make_branch("administered");
  for (auto const* name : {"reports", "auditor"}) {
    client().create_role(branch, Role{.spec = RoleRoleSpec{.postgres_role = name}}, {.role_id = name}).wait();
  }
  auto const owner = connect(branch);
  owner.query("ALTER ROLE reports SET statement_timeout = '5s'");
  owner.query("GRANT reports TO auditor");
  EXPECT_EQ(owner.query("SELECT pg_has_role('auditor', 'reports', 'MEMBER')"), "t");
  for (auto const* name : {"auditor", "reports"}) client().delete_role(branch + "/roles/" + name).wait();
  EXPECT_EQ(owner.query("SELECT count(*) FROM pg_roles WHERE rolname IN ('reports', 'auditor')"), "0");
  client().delete_branch(branch, {.purge = true}).wait();
}

TEST_F(EmulatorTest, ASnapshotGivesTheRowsOfItsMomentBack) {
  connect(production).query("CREATE TABLE receipts AS SELECT generate_series(1, 100) AS n");
  auto const snapshot =
      client()
          .create_snapshot("projects/shop", Snapshot{.spec = SnapshotSpec{.source_branch = production}}, "s")
          .wait();
  EXPECT_GT(snapshot.status->full_size_bytes.value_or(0), 1'000'000);
  connect(production).query("DELETE FROM receipts");
  for (std::string const id : {"back", "again"}) {
    auto const branch =
        client()
            .create_branch(
                "projects/shop",
                Branch{.spec = BranchSpec{.no_expiry = true, .source_snapshot = "projects/shop/snapshots/s"}}, id)
            .wait({.timeout = 1min});
    EXPECT_EQ(branch.status->source_snapshot, snapshot.name);
    EXPECT_EQ(connect(*branch.name).query("SELECT count(*) FROM receipts"), "100") << id;
    connect(*branch.name).query("DELETE FROM receipts");
  }
  client().delete_snapshot(*snapshot.name).wait();
  EXPECT_THROW(static_cast<void>(client().get_snapshot(*snapshot.name)), NotFound);
  for (std::string const id : {"back", "again"}) {
    EXPECT_EQ(connect("projects/shop/branches/" + id).query("SELECT count(*) FROM receipts"), "0");
    client().delete_branch("projects/shop/branches/" + id, {.purge = true}).wait();
  }
  connect(production).query("DROP TABLE receipts");
}

TEST_F(EmulatorTest, ABranchOfAMomentHasItsRows) {
  connect(production).query("CREATE TABLE bills AS SELECT 1 AS n");
  auto const position = connect(production).query("SELECT pg_current_wal_lsn()");
  auto const time = Timestamp::parse(
      connect(production)
          .query("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
  connect(production).query("DROP TABLE bills");
  auto const of_time = BranchSpec{.no_expiry = true, .source_branch_time = time};
  auto const of_position = BranchSpec{.no_expiry = true, .source_branch_lsn = position};
  for (auto const& [id, spec] : std::map<std::string, BranchSpec>{{"of-time", of_time}, {"of-lsn", of_position}}) {
    auto const branch = client().create_branch("projects/shop", Branch{.spec = spec}, id).wait({.timeout = 1min});
    EXPECT_EQ(connect(*branch.name).query("SELECT n FROM bills"), "1") << id;
    EXPECT_TRUE(branch.status->source_branch_time && branch.status->source_branch_lsn) << id;
    client().delete_branch(*branch.name, {.purge = true}).wait();
  }
}

TEST_F(EmulatorTest, AResetBranchHasItsParentsRowsAndItsOwnHostAndLogins) {
  connect(production).query("CREATE TABLE stock AS SELECT 1 AS n");
  auto const branch = make_branch("reset");
  auto const endpoint = branch + "/endpoints/primary";
  auto const host = client().get_endpoint(endpoint).status->hosts->host;
  auto const token = *client().generate_database_credential(endpoint).token;
  client().create_role(branch, Role{.spec = RoleRoleSpec{.postgres_role = "clerk"}}, {.role_id = "clerk"}).wait();
  auto const password = *client().reveal_role_password(branch + "/roles/clerk").password;
  auto const before = connect(branch);
  before.query("DELETE FROM stock");
  connect(production).query("INSERT INTO stock VALUES (2)");
  emulator->reset_branch(branch);
  EXPECT_THROW(before.query("SELECT 1"), SqlError);
  Connection const after{*emulator, *host, user(), token};
  EXPECT_EQ(after.query("SELECT string_agg(n::text, ' ' ORDER BY n) FROM stock"), "1 2");
  EXPECT_EQ(client().get_endpoint(endpoint).status->hosts->host, host);
  EXPECT_EQ(client().get_branch(branch).status->current_state, BranchStatusState::ready);
  EXPECT_EQ(client().reveal_role_password(branch + "/roles/clerk").password, password);
  EXPECT_THROW(emulator->reset_branch(production), std::exception);
  client().delete_branch(branch, {.purge = true}).wait();
  connect(production).query("DROP TABLE stock");
}

TEST_F(EmulatorTest, SchedulesAreSetByAnOperationThatIsDone) {
  auto const name = production + "/snapshot-schedule";
  EXPECT_TRUE(client().get_snapshot_schedule(name).schedule.empty());
  ScheduleCadence const daily{.retention = 24h, .daily_schedule = DailySchedule{.hour = 3}};
  auto const set = client().update_snapshot_schedule(name, SnapshotSchedule{.schedule = {daily}}, {"schedule"}).wait();
  EXPECT_EQ(set.schedule, std::vector{daily});
  EXPECT_EQ(client().get_snapshot_schedule(name), set);
}

TEST_F(EmulatorTest, ARevealedPasswordLogsInWhereNativeLoginIsOn) {
  auto const role =
      client().create_role(production, Role{.spec = RoleRoleSpec{.postgres_role = "app"}}, {.role_id = "app"}).wait();
  auto const password = *client().reveal_role_password(*role.name).password;
  auto const host = *client().get_endpoint(production + "/endpoints/primary").status->hosts->host;
  EXPECT_THROW((Connection{*emulator, host, "app", password, "verify-full", "postgres"}), SqlError);
  auto const allow = [&](bool native) {
    client()
        .update_project("projects/shop", Project{.spec = ProjectSpec{.enable_pg_native_login = native}},
                        {"spec.enable_pg_native_login"})
        .wait();
  };
  allow(true);
  Connection const session{*emulator, host, "app", password, "verify-full", "postgres"};
  EXPECT_EQ(session.query("SELECT current_user"), "app");
  session.query("ALTER ROLE app PASSWORD 'changed'");
  EXPECT_THROW(static_cast<void>(client().reveal_role_password(*role.name)), BadRequest);
  EXPECT_EQ((Connection{*emulator, host, "app", "changed", "verify-full", "postgres"}).query("SELECT 1"), "1");
  allow(false);
  client().delete_role(*role.name).wait();
}

TEST_F(EmulatorTest, ComputeInstancesAreTheRunningServers) {
  auto const endpoint = production + "/endpoints/primary";
  auto const connection = connect(production);
  auto const running = client().list_compute_instances(endpoint).to_vector();
  ASSERT_EQ(running.size(), 1U);
  EXPECT_EQ(running.at(0).current_state, ComputeInstanceComputeState::active);
  EXPECT_EQ(running.at(0).role, ComputeInstanceComputeType::read_write);
  EXPECT_TRUE(running.at(0).start_time.has_value());
  EXPECT_EQ(client().get_compute_instance(*running.at(0).name), running.at(0));
  emulator->suspend(endpoint);
  EXPECT_TRUE(client().list_compute_instances(endpoint).to_vector().empty());
}

TEST_F(EmulatorTest, RefusalsAreTyped) {
  EXPECT_THROW(static_cast<void>(client().get_project("projects/none")), NotFound);
  EXPECT_THROW(static_cast<void>(client().create_project({}, "shop")), AlreadyExists);
  EXPECT_THROW(static_cast<void>(client().create_project({}, "Bad_Id")), InvalidParameterValue);
  EXPECT_THROW(static_cast<void>(client().create_branch("projects/shop", {}, "without-life")), BadRequest);
  EXPECT_THROW(static_cast<void>(client().delete_branch(production)), BadRequest);
  EXPECT_THROW(static_cast<void>(client().generate_database_credential("projects/shop")), BadRequest);
  EXPECT_THROW(static_cast<void>(client().get_project("")), InvalidArgument);
  try {
    static_cast<void>(client().get_project("projects/none"));
  } catch (NotFound const& error) {
    EXPECT_FALSE(error.request_id().empty());
    EXPECT_EQ(error.method(), "GET");
    EXPECT_EQ(error.path(), "/api/2.0/postgres/projects/none");
  }
  auto stranger = emulator->config();
  stranger.token = "somebody-elses";
  EXPECT_THROW(static_cast<void>(PostgresClient{stranger}.get_project("projects/shop")), Unauthenticated);
}

TEST_F(EmulatorTest, WhatItDoesNotOfferItRefuses) {
  EXPECT_THROW(static_cast<void>(client().list_replication_group_previews("projects/shop").to_vector()),
               NotImplemented);
}

TEST_F(EmulatorTest, ManyThreadsShareOneClient) {
  auto const shared = client();
  std::vector<std::jthread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 20; ++j) EXPECT_EQ(shared.get_project("projects/shop").project_id, "shop");
    });
  }
}

// The operation waits for a lock, which is its client's until the session ends.
TEST_F(EmulatorTest, StopsWhileAClientHoldsWhatAnOperationWaitsFor) {
  auto own = std::make_unique<testing::Emulator>(testing::EmulatorOptions{});
  PostgresClient const postgres{own->config()};
  postgres.create_project({}, "shop").wait();
  auto const heir =
      postgres.create_role(production, Role{.spec = RoleRoleSpec{.postgres_role = "heir"}}, {.role_id = "heir"}).wait();
  auto const endpoint = production + "/endpoints/primary";
  auto const host = host_of(postgres.get_endpoint(endpoint));
  auto const token = token_of(postgres.generate_database_credential(endpoint));
  Connection const holder{*own, host, user(), token};
  Connection const watcher{*own, host, user(), token};
  holder.query("CREATE TABLE held (n int)");
  holder.query("BEGIN");
  holder.query("LOCK TABLE held");
  static_cast<void>(postgres.delete_role(production + "/roles/developer", {.reassign_owned_to = *heir.name}));
  while (watcher.query("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0") std::this_thread::yield();
  auto const began = std::chrono::steady_clock::now();
  own.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 8s) << "the operation itself would wait for 10 s";
}

// On an emulator of their own, as the others' time is not to be moved.
class MovedClockTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (wanted_major()) GTEST_SKIP() << "nothing in it depends on the version";
    w.postgres.create_project({}, "p").wait();
  }

  Connection connect(std::string const& branch) {
    auto const endpoint = branch + "/endpoints/primary";
    return Connection{emulator, *w.postgres.get_endpoint(endpoint).status->hosts->host, emulator.user_name(),
                      *w.postgres.generate_database_credential(endpoint).token};
  }

  testing::Emulator emulator;
  WorkspaceClient w{emulator.config()};
  std::string const production = "projects/p/branches/production";
};

TEST_F(MovedClockTest, ABranchFromAScheduledSnapshotHoldsItsDay) {
  ScheduleCadence const daily{.retention = 120h, .daily_schedule = DailySchedule{.hour = 0}};
  w.postgres
      .update_snapshot_schedule(production + "/snapshot-schedule", SnapshotSchedule{.schedule = {daily}}, {"schedule"})
      .wait();
  connect(production).query("CREATE TABLE days (day int)");
  for (int day = 1; day <= 3; ++day) {
    connect(production).query("INSERT INTO days VALUES (" + std::to_string(day) + ")");
    auto const moved = w.call("POST", "/emulator/clock", {.body = R"({"advance": "1d"})"});
    EXPECT_EQ(moved.find("still_running"), std::string::npos) << moved;
  }
  auto const snapshots = w.postgres.list_snapshots("projects/p").to_vector();
  ASSERT_EQ(snapshots.size(), 3U);
  for (int day = 1; day <= 3; ++day) {
    auto const& snapshot = snapshots.at(static_cast<std::size_t>(day - 1));
    auto const branch =
        w.postgres
            .create_branch("projects/p", {.spec = BranchSpec{.no_expiry = true, .source_snapshot = snapshot.name}},
                           "day-" + std::to_string(day))
            .wait();
    EXPECT_EQ(connect(*branch.name).query("SELECT string_agg(day::text, ',' ORDER BY day) FROM days"),
              std::string{"1,2,3"}.substr(0, static_cast<std::size_t>(2 * day - 1)));
  }
  emulator.advance(144h);
  auto const later = w.postgres.list_snapshots("projects/p").to_vector();
  EXPECT_EQ(later.size(), 5U);
  for (auto const& old : snapshots) EXPECT_THROW(static_cast<void>(w.postgres.get_snapshot(*old.name)), NotFound);
}

TEST_F(MovedClockTest, MovesAllThatHasAnEnd) {
  w.postgres.create_branch("projects/p", {.spec = BranchSpec{.ttl = 48h}}, "short").wait();
  auto const endpoint = production + "/endpoints/primary";
  auto const credential = w.postgres.generate_database_credential(endpoint);
  auto const host = *w.postgres.get_endpoint(endpoint).status->hosts->host;
  Connection const open{emulator, host, emulator.user_name(), *credential.token};
  emulator.advance(2h);
  EXPECT_EQ(open.query("SELECT 1"), "1");
  EXPECT_THROW((Connection{emulator, host, emulator.user_name(), *credential.token}), SqlError) << "its token is old";
  emulator.advance(24h);
  EXPECT_THROW(open.query("SELECT 1"), SqlError);
  emulator.advance(24h);
  EXPECT_THROW(static_cast<void>(w.postgres.get_branch("projects/p/branches/short")), NotFound);
  w.postgres.delete_project("projects/p").wait();
  emulator.advance(167h);
  w.postgres.undelete_project("projects/p").wait();
  w.postgres.delete_project("projects/p").wait();
  emulator.advance(168h);
  EXPECT_THROW(w.postgres.undelete_project("projects/p").wait(), Error);
}

}  // namespace
}  // namespace lakebase::tests
