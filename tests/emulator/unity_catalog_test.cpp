// Catalogs, synced tables, tables and change data feeds by the SDK, with a real PostgreSQL.

#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <lakebase/lakebase.hpp>
#include <lakebase/testing/emulator.hpp>

#include "sql_connection.hpp"
#include "support/temporary_folder.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;
using namespace std::chrono_literals;

constexpr char const* production = "projects/shop/branches/production";

class UnityCatalogTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new TemporaryFolder;
    // PostgreSQL's account must get through, if the emulator is started as root.
    std::filesystem::permissions(folder->path(), std::filesystem::perms{0711});
    open();
    client().create_project({}, "shop").wait();
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
    emulator = new testing::Emulator{options};
  }
  static void restart() {
    delete emulator;
    open();
  }

  static PostgresClient client() { return PostgresClient{emulator->config()}; }

  /// Runs a statement as the project's owner. @return the first value
  static std::string sql(std::string const& statement, std::string const& database = "databricks_postgres") {
    auto const endpoint = std::string(production) + "/endpoints/primary";
    auto const host = *client().get_endpoint(endpoint).status->hosts->host;
    auto const token = *client().generate_database_credential(endpoint).token;
    return Connection{*emulator, host, emulator->user_name(), token, "verify-full", database}.query(statement);
  }

  static Catalog catalog(std::string const& database, bool creates) {
    return {.spec = CatalogCatalogSpec{
                .postgres_database = database, .branch = production, .create_database_if_missing = creates}};
  }

  static CdfStatus wait_until_it_streams(std::string const& name) {
    auto const deadline = std::chrono::steady_clock::now() + 30s;
    for (;;) {
      auto status = client().get_cdf_status(name);
      if (status.state == CdfState::streaming || std::chrono::steady_clock::now() > deadline) return status;
      std::this_thread::sleep_for(50ms);
    }
  }

  static TemporaryFolder* folder;
  static testing::Emulator* emulator;
};
TemporaryFolder* UnityCatalogTest::folder = nullptr;
testing::Emulator* UnityCatalogTest::emulator = nullptr;

TEST_F(UnityCatalogTest, CatalogCreatesItsDatabase) {
  EXPECT_THROW(static_cast<void>(client().create_catalog(catalog("sales_db", false), "sales")), NotFound);
  auto const made = client().create_catalog(catalog("sales_db", true), "sales").wait();
  EXPECT_EQ(made.status->postgres_database, "sales_db");
  EXPECT_THROW(static_cast<void>(client().create_catalog(catalog("sales_db", true), "sales")), AlreadyExists);
  EXPECT_EQ(sql("SELECT pg_catalog.pg_get_userbyid(datdba) = current_user FROM pg_catalog.pg_database WHERE datname = "
                "current_database()",
                "sales_db"),
            "t");
  restart();
  EXPECT_EQ(client().get_catalog("catalogs/sales").uid, made.uid);
  client().delete_catalog("catalogs/sales").wait();
  EXPECT_THROW(static_cast<void>(client().get_catalog("catalogs/sales")), NotFound);
  EXPECT_EQ(sql("SELECT current_database()", "sales_db"), "sales_db");
}

TEST_F(UnityCatalogTest, CatalogOfADatabaseThatSqlMade) {
  sql("CREATE DATABASE by_sql");
  EXPECT_EQ(client().create_catalog(catalog("by_sql", false), "by_sql").wait().catalog_id, "by_sql");
}

TEST_F(UnityCatalogTest, SyncedTableCreatesItsSchema) {
  SyncedTable const table{.spec = SyncedTableSyncedTableSpec{.branch = production,
                                                             .postgres_database = "gold_db",
                                                             .primary_key_columns = {"id"},
                                                             .source_table_full_name = "main.sales.orders"}};
  auto const made = client().create_synced_table(table, "main.gold.orders").wait();
  EXPECT_EQ(made.status->detailed_state, SyncedTableState::provisioning_initial_snapshot);
  EXPECT_EQ(made.status->unity_catalog_provisioning_state, ProvisioningInfoState::active);
  // The owner of the database owns the schema.
  sql("CREATE TABLE gold.mine (n int)", "gold_db");
  auto again = table;
  again.spec->create_database_objects_if_missing = false;
  client().create_synced_table(again, "main.gold.items").wait();
  EXPECT_THROW(static_cast<void>(client().create_synced_table(again, "main.silver.items")), NotFound);
  restart();
  EXPECT_EQ(client().get_synced_table("synced_tables/main.gold.orders").uid, made.uid);
  client().delete_synced_table("synced_tables/main.gold.orders").wait();
  EXPECT_EQ(sql("SELECT count(*) FROM gold.mine", "gold_db"), "0");
}

TEST_F(UnityCatalogTest, TableOfPostgres) {
  Table const table{.name = "main.public.listed",
                    .database = std::string(production) + "/databases/databricks_postgres"};
  EXPECT_THROW(static_cast<void>(client().create_table(table)), NotFound);
  sql("CREATE TABLE public.listed (n int)");
  EXPECT_EQ(client().create_table(table).project, "projects/shop");
  restart();
  EXPECT_EQ(client().get_table("main.public.listed").branch, production);
  client().delete_table("main.public.listed");
  EXPECT_THROW(static_cast<void>(client().get_table("main.public.listed")), NotFound);
  sql("DROP TABLE public.listed");
}

TEST_F(UnityCatalogTest, FeedFollowsTheTables) {
  auto const database = std::string(production) + "/databases/databricks-postgres";
  sql("CREATE SCHEMA feed");
  sql("CREATE TABLE feed.orders (n int)");
  sql("ALTER TABLE feed.orders REPLICA IDENTITY FULL");
  sql("CREATE TABLE feed.plain (n int PRIMARY KEY)");
  sql("CREATE TABLE feed.days (n int) PARTITION BY RANGE (n)");
  sql("CREATE VIEW feed.view AS SELECT 1");
  auto const feed =
      client()
          .create_cdf_config(database, CdfConfig{.catalog = "main", .schema = "cdf", .postgres_schema = "feed"})
          .wait();
  EXPECT_EQ(feed.cdf_config_id, "feed");
  auto const orders = wait_until_it_streams(*feed.name + "/cdf-statuses/orders");
  EXPECT_EQ(orders.state, CdfState::streaming);
  auto const statuses = client().list_cdf_statuses(*feed.name).to_vector();
  ASSERT_EQ(statuses.size(), 3U);
  EXPECT_EQ(statuses[0].uc_table, "main.cdf.orders");
  EXPECT_EQ(sql("SELECT '" + *statuses[0].committed_lsn + "'::pg_lsn <= pg_current_wal_lsn()"), "t");
  EXPECT_EQ(statuses[1].state, CdfState::skipped);
  EXPECT_EQ(statuses[2].status_detail, "Partitioned tables are not supported.");
  sql("ALTER TABLE feed.plain REPLICA IDENTITY FULL");
  emulator->suspend(std::string(production) + "/endpoints/primary");
  EXPECT_EQ(wait_until_it_streams(*feed.name + "/cdf-statuses/plain").state, CdfState::streaming);
  client().delete_cdf_config(*feed.name, {.force = true}).wait();
  EXPECT_TRUE(client().list_cdf_configs(database).to_vector().empty());
}

}  // namespace
}  // namespace lakebase::tests
