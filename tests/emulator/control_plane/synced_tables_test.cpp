#include "control_plane_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class SyncedTablesTest : public ControlPlaneTest {
 protected:
  SyncedTablesTest() { make_project(); }

  /// In a standard catalog, with further members.
  static Json spec(Json const& further = Json::object()) {
    Json spec{{"source_table_full_name", "main.sales.orders"},
              {"primary_key_columns", {"id"}},
              {"branch", production},
              {"postgres_database", "databricks_postgres"}};
    spec.update(further);
    return Json{{"spec", spec}};
  }
  static Json without(char const* member) {
    auto body = spec();
    body["spec"].erase(member);
    return body;
  }
  Answer create(std::string const& id, Json const& body) {
    return call("POST", "synced_tables?synced_table_id=" + id, body);
  }
  Json made(std::string const& id, Json const& body) {
    return finished("POST", "synced_tables?synced_table_id=" + id, body);
  }
  void make_catalog() {
    finished("POST", "catalogs?catalog_id=lake",
             Json{{"spec", Json{{"branch", production}, {"postgres_database", "databricks_postgres"}}}});
  }
};

TEST_F(SyncedTablesTest, WaitsForItsRows) {
  auto const started = create("main.gold.orders", spec({{"scheduling_policy", "CONTINUOUS"}}));
  EXPECT_THAT(started.body.at("name").get<std::string>(), MatchesRegex("synced_tables/main.gold.orders/operations/.+"));
  EXPECT_EQ(started.body.at("metadata").at("@type"),
            "type.googleapis.com/databricks.postgres.v1.SyncedTableOperationMetadata");
  auto const table = wait(started).at("response");
  EXPECT_EQ(table, get("synced_tables/main.gold.orders").body);
  EXPECT_EQ(table.at("name"), "synced_tables/main.gold.orders");
  EXPECT_EQ(table.at("synced_table_id"), "main.gold.orders");
  EXPECT_EQ(table.at("uid").get<std::string>().size(), 36U);
  EXPECT_FALSE(table.contains("spec"));
  auto const& status = table.at("status");
  EXPECT_EQ(status.at("detailed_state"), "SYNCED_TABLE_PROVISIONING_INITIAL_SNAPSHOT");
  EXPECT_EQ(status.at("unity_catalog_provisioning_state"), "ACTIVE");
  EXPECT_EQ(status.at("project"), "projects/shop");
  EXPECT_EQ(status.at("message"),
            "The emulator has no rows of the source table 'main.sales.orders'. Start it with --source "
            "main.sales.orders=FILE, where FILE is a CSV file or one of JSON lines.");
  EXPECT_TRUE(
      computes->has_call_with(R"(sql databricks_postgres: CREATE SCHEMA "gold" AUTHORIZATION pg_database_owner)"));
  restart();
  EXPECT_EQ(get("synced_tables/main.gold.orders").body, table);
  finished("DELETE", "synced_tables/main.gold.orders");
  expect_error(get("synced_tables/main.gold.orders"), 404, "NOT_FOUND", "synced table id not found");
  EXPECT_FALSE(computes->has_call_with("DROP"));
}

TEST_F(SyncedTablesTest, ShowsThatItIsBeingCreated) {
  computes->hold("CREATE SCHEMA");
  auto const started = create("main.gold.orders", spec());
  computes->wait_until_held();
  auto const status = get("synced_tables/main.gold.orders").body.at("status");
  EXPECT_EQ(status.at("detailed_state"), "SYNCED_TABLE_PROVISIONING");
  EXPECT_EQ(status.at("unity_catalog_provisioning_state"), "PROVISIONING");
  computes->release();
  wait(started);
}

TEST_F(SyncedTablesTest, EchoesTheSpecWhereAsked) {
  options.echo_spec = true;
  reopen();
  auto const further = json(R"json({
      "scheduling_policy": "TRIGGERED", "timeseries_key": "at", "accelerated_sync": true,
      "create_database_objects_if_missing": true,
      "new_pipeline_spec": {"storage_catalog": "main", "storage_schema": "store", "pipeline_channel": "PREVIEW"},
      "type_overrides": [{"column_name": "v", "pg_type": "PG_SPECIFIC_TYPE_VECTOR", "size": 3}],
      "extra_columns": [{"column_name": "t", "column_type": "tsvector", "compute": "to_tsvector(x)",
                         "maintenance": "STORED_GENERATED"}],
      "extra_index_definitions": [{"name": "i", "definition": "USING gin (t)"}]})json");
  auto const echoed = made("main.gold.orders", spec(further)).at("spec");
  EXPECT_EQ(Json::diff(spec(further).at("spec"), echoed), Json::array()) << echoed.dump(1);
}

TEST_F(SyncedTablesTest, Refuses) {
  made("main.gold.orders", spec());
  make_catalog();
  struct Case {
    char const* id;
    Json body;
    int status;
    char const* code;
    char const* message;
  };
  auto const invalid = "INVALID_PARAMETER_VALUE";
  for (auto const& [id, body, status, code, message] : {
           Case{"", spec(), 400, invalid,
                "Field 'synced_table_id' is required, expected non-default value (not \"\")!"},
           Case{
               "a.b", spec(), 400, invalid,
               R"(Field synced_table_id must match pattern ^[A-Za-z0-9_]+\.[A-Za-z0-9_]+\.[A-Za-z0-9_]+$, got 'a.b'.)"},
           Case{"a.b.c-d", spec(), 400, invalid,
                R"(Field synced_table_id must match pattern ^[A-Za-z0-9_]+\.[A-Za-z0-9_]+\.[A-Za-z0-9_]+$, )"
                "got 'a.b.c-d'."},
           Case{"a.b.c", without("source_table_full_name"), 400, invalid,
                "Field 'synced_table.spec.source_table_full_name' is required, expected non-default value (not \"\")!"},
           Case{
               "a.b.c", spec({{"source_table_full_name", "orders"}}), 400, invalid,
               "Field 'synced_table.spec.source_table_full_name' expects 'catalog.schema.table' format, got 'orders'."},
           Case{"a.b.c", without("primary_key_columns"), 400, invalid,
                "Field 'synced_table.spec.primary_key_columns' is required, expected non-default value (not \"\")!"},
           Case{"a.b.c", spec({{"primary_key_columns", {"id", "id"}}}), 400, invalid,
                "Field 'synced_table.spec.primary_key_columns' holds 'id' twice."},
           Case{"a.b.c", spec({{"primary_key_columns", "id"}}), 400, "MALFORMED_REQUEST",
                "Could not parse request object: field 'spec.primary_key_columns' must be a list."},
           Case{"a.b.c", spec({{"primary_key_columns", {"id", 7}}}), 400, "MALFORMED_REQUEST",
                "Could not parse request object: field 'spec.primary_key_columns[1]' must be a string."},
           Case{"a.b.c", spec({{"scheduling_policy", "DAILY"}}), 400, invalid,
                "Field 'synced_table.spec.scheduling_policy' must be one of SNAPSHOT, TRIGGERED, CONTINUOUS, got "
                "'DAILY'."},
           Case{"a.b.c", spec({{"existing_pipeline_id", "p"}, {"new_pipeline_spec", Json::object()}}), 400, invalid,
                "At most one of 'synced_table.spec.existing_pipeline_id' and 'synced_table.spec.new_pipeline_spec' can "
                "be set."},
           Case{"a.b.c", spec({{"new_pipeline_spec", Json{{"storage_catalog", "lake"}}}}), 400, invalid,
                "Field 'synced_table.spec.new_pipeline_spec.storage_catalog' must name a standard catalog; 'lake' is "
                "that of a Lakebase database."},
           Case{"a.b.c", spec({{"type_overrides", Json::array({Json{{"column_name", "v"}}})}}), 400, invalid,
                "Field 'synced_table.spec.type_overrides.pg_type' is required, expected non-default value (not "
                "\"\")!"},
           Case{"a.b.c", without("branch"), 400, invalid,
                "Field 'synced_table.spec.branch' is required, expected non-default value (not \"\")!"},
           Case{"a.b.c", without("postgres_database"), 400, invalid,
                "Field 'synced_table.spec.postgres_database' is required, expected non-default value (not \"\")!"},
           Case{"a.b.c", spec({{"branch", "projects/none/branches/b"}}), 404, "NOT_FOUND", "project id not found"},
           Case{"a.b.c", spec({{"branch", "projects/shop/branches/none"}}), 404, "NOT_FOUND", "branch id not found"},
           Case{"a.b.c", spec({{"create_database_objects_if_missing", false}, {"postgres_database", "none"}}), 404,
                "NOT_FOUND", "database not found"},
           Case{"a.b.c", spec({{"create_database_objects_if_missing", false}}), 404, "NOT_FOUND",
                "schema not found; schema_name:\"b\""},
           Case{"main.gold.orders", spec(), 409, "ALREADY_EXISTS", "synced table with such id already exists"},
           Case{"other.gold.orders", spec(), 400, "BAD_REQUEST",
                "table 'gold.orders' of database 'databricks_postgres' already belongs to the synced table "
                "'main.gold.orders'"},
           Case{"lake.b.c", spec({{"branch", "projects/shop/branches/dev"}}), 400, invalid,
                "Field 'synced_table.spec.branch' must be 'projects/shop/branches/production', as of the catalog "
                "'lake', got 'projects/shop/branches/dev'."},
           Case{"lake.b.c", spec({{"postgres_database", "other"}}), 400, invalid,
                "Field 'synced_table.spec.postgres_database' must be 'databricks_postgres', as of the catalog 'lake', "
                "got 'other'."},
       }) {
    expect_error(create(id, body), status, code, message);
  }
  EXPECT_EQ(get("synced_tables/a.b.c").status, 404);
}

TEST_F(SyncedTablesTest, FollowsFromALakebaseCatalog) {
  options.echo_spec = true;
  reopen();
  make_catalog();
  auto const body = json(R"({"spec": {"source_table_full_name": "main.sales.orders", "primary_key_columns": ["id"]}})");
  auto const made_spec = made("lake.gold.orders", body).at("spec");
  EXPECT_EQ(made_spec.at("branch"), production);
  EXPECT_EQ(made_spec.at("postgres_database"), "databricks_postgres");
  made("lake.gold.items", spec());
}

TEST_F(SyncedTablesTest, CreatesDatabaseAndSchema) {
  made("main.gold.orders", spec({{"postgres_database", "gold_db"}}));
  EXPECT_TRUE(computes->has_call_with(R"(sql postgres: CREATE DATABASE "gold_db" OWNER "developer@example.com")"));
  EXPECT_TRUE(computes->has_call_with(R"(sql gold_db: CREATE SCHEMA "gold")"));
  EXPECT_EQ(get(std::string(production) + "/databases/gold-db").status, 200);
  computes->answer("pg_namespace WHERE nspname = 'ready'", {{"1"}});
  made("main.ready.orders", spec({{"create_database_objects_if_missing", false}}));
  EXPECT_FALSE(computes->has_call_with(R"(CREATE SCHEMA "ready")"));
}

TEST_F(SyncedTablesTest, TakesPublicOfANewDatabase) {
  made("main.public.orders", spec({{"postgres_database", "gold_db"}}));
  EXPECT_TRUE(computes->has_call_with(R"(CREATE DATABASE "gold_db")"));
  EXPECT_FALSE(computes->has_call_with("CREATE SCHEMA"));
}

TEST_F(SyncedTablesTest, FailsWithoutATrace) {
  computes->fail_at("CREATE SCHEMA", "the server is gone", "57P01");
  failed("POST", "synced_tables?synced_table_id=main.gold.orders", spec());
  EXPECT_EQ(get("synced_tables/main.gold.orders").status, 404);
  EXPECT_TRUE(computes->has_call_with(R"(sql databricks_postgres: DROP SCHEMA IF EXISTS "gold")"));
  computes->fail_at("CREATE SCHEMA", "the server is gone", "57P01");
  failed("POST", "synced_tables?synced_table_id=main.gold.orders", spec({{"postgres_database", "gold_db"}}));
  EXPECT_TRUE(computes->has_call_with(R"(DROP DATABASE IF EXISTS "gold_db")"));
  EXPECT_EQ(get(std::string(production) + "/databases/gold-db").status, 404);
}

TEST_F(SyncedTablesTest, TwentyOfOneSource) {
  for (int i = 0; i < 20; ++i) made("main.gold.t" + std::to_string(i), spec());
  expect_error(create("main.gold.more", spec()), 400, "BAD_REQUEST",
               "Cannot create more than 20 synced database table(s) per source table.");
  made("main.gold.other", spec({{"source_table_full_name", "main.sales.other"}}));
  finished("DELETE", "synced_tables/main.gold.t7");
  made("main.gold.more", spec());
}

TEST_F(SyncedTablesTest, GoesWithItsBranch) {
  make_branch("dev");
  made("main.gold.orders", spec({{"branch", "projects/shop/branches/dev"}}));
  finished("DELETE", "projects/shop/branches/dev");
  EXPECT_EQ(get("synced_tables/main.gold.orders").status, 404);
}

}  // namespace
}  // namespace lakebase::emulator::tests
