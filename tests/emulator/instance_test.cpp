// Database instances by the SDK and libpq, with a real PostgreSQL: from the first call to a row, and on to a project.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/database/convenience.hpp>
#include <lakebase/lakebase.hpp>
#include <lakebase/testing/emulator.hpp>

#include "sql_connection.hpp"
#include "support/temporary_folder.hpp"

namespace lakebase::tests {
namespace {

using namespace database;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

class InstanceTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new TemporaryFolder;
    // PostgreSQL's account must get through, if the emulator is started as root.
    std::filesystem::permissions(folder->path(), std::filesystem::perms{0711});
    std::ofstream{folder->path() / "orders.csv"} << "id:BIGINT,item:STRING\n1,tea\n2,coffee\n";
    open();
    w().create_database_instance({.name = "shop"}).wait();
    sql("shop", "CREATE TABLE orders (id int PRIMARY KEY, item text)");
    sql("shop", "INSERT INTO orders VALUES (1, 'tea'), (2, 'coffee')");
  }
  static void TearDownTestSuite() {
    delete emulator;
    emulator = nullptr;
    delete folder;
    folder = nullptr;
  }
  static void open() {
    testing::EmulatorOptions options;
    options.data_dir = folder->path() / "data";
    options.sources["main.sales.orders"] = folder->path() / "orders.csv";
    emulator = new testing::Emulator{options};
  }
  static void restart() {
    delete emulator;
    open();
  }

  static DatabaseClient w() { return DatabaseClient{emulator->config()}; }
  static std::string user() { return *CurrentUserClient{emulator->config()}.me().user_name; }

  /// Connects as the emulator's user, unless a role and a password are given.
  static Connection connect(std::string const& instance, std::string const& database = "databricks_postgres",
                            std::string role = {}, std::string password = {}) {
    auto const host = *w().get_database_instance(instance).read_write_dns;
    if (role.empty()) role = user();
    if (password.empty()) password = token_of(w().generate_database_credential({.instance_names = {instance}}));
    return Connection{*emulator, host, role, password, "verify-full", database};
  }
  static std::string sql(std::string const& instance, std::string const& statement,
                         std::string const& database = "databricks_postgres") {
    return connect(instance, database).query(statement);
  }
  /// Why a connection is refused.
  static std::string refusal(std::string const& instance) {
    try {
      connect(instance);
      return "it is not refused";
    } catch (SqlError const& error) {
      return error.what();
    }
  }

  static TemporaryFolder* folder;
  static testing::Emulator* emulator;
  static constexpr char const* rows = "SELECT string_agg(item, ',' ORDER BY id) FROM orders";
};
TemporaryFolder* InstanceTest::folder = nullptr;
testing::Emulator* InstanceTest::emulator = nullptr;

TEST_F(InstanceTest, TakesAThousandConnections) {
  EXPECT_EQ(sql("shop", "SHOW max_connections"), "1000");
  EXPECT_EQ(w().get_database_instance("shop").pg_version,
            "PG_VERSION_" + std::to_string(std::stoi(sql("shop", "SHOW server_version_num")) / 10000));
}

TEST_F(InstanceTest, StopsStartsAndIsResizedWithItsRows) {
  auto const session = connect("shop");
  stop_instance(w(), "shop");
  auto const stopped = wait_until(w(), "shop", DatabaseInstanceState::stopped);
  EXPECT_EQ(stopped.effective_stopped, true);
  EXPECT_THROW(session.query("SELECT 1"), SqlError);
  EXPECT_THAT(refusal("shop"), HasSubstr("database instance 'shop' is stopped"));
  EXPECT_THROW(w().update_database_instance("shop", {.capacity = "CU_2"}, "capacity"), BadRequest);

  restart();
  EXPECT_EQ(w().get_database_instance("shop").state, DatabaseInstanceState::stopped);
  EXPECT_THAT(refusal("shop"), HasSubstr("database instance 'shop' is stopped"));

  auto const host = stopped.read_write_dns;
  start_instance(w(), "shop");
  EXPECT_EQ(wait_until(w(), "shop", DatabaseInstanceState::available).read_write_dns, host);
  EXPECT_EQ(sql("shop", rows), "tea,coffee");
  w().update_database_instance("shop", {.capacity = "CU_2", .retention_window_in_days = 9},
                               "capacity,retention_window_in_days");
  auto const resized = wait_until(w(), "shop", DatabaseInstanceState::available);
  EXPECT_EQ(resized.capacity, "CU_2");
  EXPECT_EQ(resized.effective_retention_window_in_days, 9);
  EXPECT_EQ(sql("shop", rows), "tea,coffee");
}

TEST_F(InstanceTest, ComesBackAfterACrash) {
  emulator->crash("shop");
  EXPECT_EQ(sql("shop", rows), "tea,coffee");
  emulator->refuse_logins("shop", {.message = "not now"});
  EXPECT_THAT(refusal("shop"), HasSubstr("not now"));
  emulator->accept_logins("shop");
  EXPECT_EQ(sql("shop", rows), "tea,coffee");
}

TEST_F(InstanceTest, ItsTokensExpire) {
  auto const token = token_of(w().generate_database_credential({.instance_names = {"shop"}}));
  EXPECT_EQ(connect("shop", "databricks_postgres", user(), token).query("SELECT 1"), "1");
  emulator->advance(61min);
  EXPECT_THROW(connect("shop", "databricks_postgres", user(), token), SqlError);
  EXPECT_EQ(sql("shop", "SELECT 1"), "1");
}

TEST_F(InstanceTest, AChildHasTheRowsOfAMomentOfItsParent) {
  w().create_database_instance({.name = "parent"}).wait();
  sql("parent", "CREATE TABLE t AS SELECT 1 AS i");
  auto const before = sql("parent", "SELECT pg_current_wal_insert_lsn()");
  sql("parent", "INSERT INTO t VALUES (2)");
  w().create_database_instance({.name = "now", .parent_instance_ref = DatabaseInstanceRef{.name = "parent"}}).wait();
  w().create_database_instance(
         {.name = "then", .parent_instance_ref = DatabaseInstanceRef{.lsn = before, .name = "parent"}})
      .wait();
  EXPECT_EQ(sql("now", "SELECT count(*) FROM t"), "2");
  EXPECT_EQ(sql("then", "SELECT count(*) FROM t"), "1");
  sql("now", "INSERT INTO t VALUES (3)");
  EXPECT_EQ(sql("parent", "SELECT count(*) FROM t"), "2");
  EXPECT_EQ(w().get_database_instance("parent").child_instance_refs.size(), 2);
  EXPECT_EQ(w().get_database_instance("then").parent_instance_ref->lsn, before);

  EXPECT_THROW(w().delete_database_instance("parent"), BadRequest);
  EXPECT_THROW(w().delete_database_instance("parent", {.purge = false}), BadRequest);
  EXPECT_EQ(sql("parent", "SELECT count(*) FROM t"), "2");
  w().delete_database_instance("now");
  EXPECT_EQ(sql("then", "SELECT count(*) FROM t"), "1");
  w().delete_database_instance("parent", {.force = true});
  for (auto const deadline = std::chrono::steady_clock::now() + 20s; std::chrono::steady_clock::now() < deadline;) {
    auto const left = w().list_database_instances().to_vector();
    if (left.size() == 1) break;
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_THROW(static_cast<void>(w().get_database_instance("then")), NotFound);
  restart();
  EXPECT_THROW(static_cast<void>(w().get_database_instance("parent")), NotFound);
  EXPECT_EQ(sql("shop", rows), "tea,coffee");
}

TEST_F(InstanceTest, IsUpgradedToAProject) {
  PostgresClient const projects{emulator->config()};
  w().create_database_instance({.name = "Moving"}).wait();
  sql("Moving", "CREATE TABLE t AS SELECT 7 AS i");
  auto const host = w().get_database_instance("Moving").read_write_dns;
  w().upgrade_instance_to_autoscaling("Moving");
  wait_until(w(), "Moving", DatabaseInstanceState::available);
  auto const endpoint = "projects/moving/branches/production/endpoints/primary";
  EXPECT_EQ(projects.get_endpoint(endpoint).status->hosts->host, host);
  EXPECT_EQ(sql("Moving", "SELECT i FROM t"), "7");
  restart();
  PostgresClient const later{emulator->config()};
  auto const token = token_of(later.generate_database_credential(endpoint));
  EXPECT_EQ(connect("Moving", "databricks_postgres", user(), token).query("SELECT i FROM t"), "7");
  later.create_branch("projects/moving", {.spec = postgres::BranchSpec{.no_expiry = true}}, "dev").wait();
  later.delete_project("projects/moving", {.purge = true}).wait();
  EXPECT_THROW(static_cast<void>(w().get_database_instance("Moving")), NotFound);
}

TEST_F(InstanceTest, ARoleLogsIn) {
  auto const made =
      w().create_database_instance_role("shop", {.name = "app",
                                                 .attributes = DatabaseInstanceRoleAttributes{.createdb = true},
                                                 .identity_type = DatabaseInstanceRoleIdentityType::pg_only});
  EXPECT_EQ(made.effective_attributes->createdb, true);
  sql("shop", "ALTER ROLE app PASSWORD 'for-tests'");
  sql("shop", "GRANT SELECT ON orders TO app");
  EXPECT_THROW(connect("shop", "databricks_postgres", "app", "for-tests"), SqlError);
  w().update_database_instance("shop", {.enable_pg_native_login = true}, "enable_pg_native_login");
  wait_until(w(), "shop", DatabaseInstanceState::available);
  auto const session = connect("shop", "databricks_postgres", "app", "for-tests");
  EXPECT_EQ(session.query(rows), "tea,coffee");
  EXPECT_THROW(session.query("DELETE FROM orders"), SqlError);
  EXPECT_EQ(session.query("SELECT rolcreatedb FROM pg_catalog.pg_roles WHERE rolname = current_user"), "t");
  EXPECT_THROW(static_cast<void>(w().create_database_instance_role("shop", {.name = "app"})), BadRequest);
  EXPECT_EQ(w().list_database_instance_roles("shop").to_vector().size(), 2);
  w().delete_database_instance_role("shop", "app", {.reassign_owned_to = user()});
  EXPECT_EQ(sql("shop", "SELECT count(*) FROM pg_catalog.pg_roles WHERE rolname = 'app'"), "0");
  w().delete_database_instance_role("shop", "app", {.allow_missing = true});
}

TEST_F(InstanceTest, ACatalogCreatesItsDatabase) {
  EXPECT_THROW(static_cast<void>(register_database(w(), "shop", "sales", {.database_name = "sales_db"})), NotFound);
  auto const made =
      register_database(w(), "shop", "sales", {.database_name = "sales_db", .create_database_if_not_exists = true});
  EXPECT_EQ(made.database_instance_name, "shop");
  EXPECT_EQ(sql("shop", "SELECT current_database()", "sales_db"), "sales_db");
  EXPECT_THROW(static_cast<void>(w().update_database_catalog("sales", made)), NotImplemented);
  w().delete_database_catalog("sales");
  EXPECT_THROW(static_cast<void>(w().get_database_catalog("sales")), NotFound);
  EXPECT_EQ(sql("shop", "SELECT current_database()", "sales_db"), "sales_db");
}

TEST_F(InstanceTest, ATableIsRegistered) {
  DatabaseTable const table{
      .name = "main.public.orders", .database_instance_name = "shop", .logical_database_name = "databricks_postgres"};
  EXPECT_EQ(w().create_database_table(table).name, "main.public.orders");
  EXPECT_EQ(w().get_database_table("main.public.orders").database_instance_name, "shop");
  auto missing = table;
  missing.name = "main.public.nothing";
  EXPECT_THROW(static_cast<void>(w().create_database_table(missing)), NotFound);
  w().delete_database_table("main.public.orders");
  EXPECT_EQ(sql("shop", rows), "tea,coffee");
}

TEST_F(InstanceTest, ASyncedTableHasTheRowsOfItsSource) {
  SyncedDatabaseTable const wanted{.name = "main.gold.orders",
                                   .database_instance_name = "shop",
                                   .logical_database_name = "databricks_postgres",
                                   .spec = SyncedTableSpec{.create_database_objects_if_missing = true,
                                                           .primary_key_columns = {"id"},
                                                           .scheduling_policy = SyncedTableSchedulingPolicy::snapshot,
                                                           .source_table_full_name = "main.sales.orders"}};
  auto table = w().create_synced_database_table(wanted);
  EXPECT_EQ(table.effective_database_instance_name, "shop");
  for (auto const deadline = std::chrono::steady_clock::now() + 30s; std::chrono::steady_clock::now() < deadline;) {
    table = w().get_synced_database_table("main.gold.orders");
    if (table.data_synchronization_status->last_sync) break;
    std::this_thread::sleep_for(20ms);
  }
  auto const& status = *table.data_synchronization_status;
  EXPECT_EQ(status.detailed_state, SyncedTableState::table_online_no_pending_update) << status.message.value_or("");
  EXPECT_TRUE(status.triggered_update_status->last_processed_commit_version);
  EXPECT_EQ(sql("shop", "SELECT string_agg(item, ',' ORDER BY id) FROM gold.orders"), "tea,coffee");
  w().delete_synced_database_table("main.gold.orders", {.purge_data = true});
  EXPECT_EQ(sql("shop", "SELECT to_regclass('gold.orders') IS NULL"), "t");
  EXPECT_THROW(static_cast<void>(w().get_synced_database_table("main.gold.orders")), NotFound);
}

}  // namespace
}  // namespace lakebase::tests
