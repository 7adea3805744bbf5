// The API of database instances: roles, catalogs, tables and synced tables.

#include "database_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using namespace std::chrono_literals;

class DatabaseObjectsTest : public DatabaseTest {
 protected:
  DatabaseObjectsTest() { make_instance("db"); }

  static Json catalog(std::string const& name, std::string const& database_name = "databricks_postgres") {
    return Json{{"name", name}, {"database_instance_name", "db"}, {"database_name", database_name}};
  }
  static Json synced(std::string const& name) {
    return Json{{"name", name},
                {"database_instance_name", "db"},
                {"logical_database_name", "databricks_postgres"},
                {"spec", Json{{"source_table_full_name", "main.sales.orders"}, {"primary_key_columns", {"id"}}}}};
  }

  struct Case {
    std::string method, target;
    Json body;
    int status;
    std::string code, message;
  };
  void expect_refusals(std::vector<Case> const& cases) {
    for (auto const& [method, target, body, status, code, message] : cases) {
      expect_error(database(method, target, body), status, code, message);
    }
  }
};

TEST_F(DatabaseObjectsTest, RolesAreCreatedChangedAndDropped) {
  auto const mine = database("GET", "instances/db/roles").body.at("database_instance_roles");
  ASSERT_EQ(mine.size(), 1);
  EXPECT_EQ(mine[0], json(R"({"name": "developer@example.com", "instance_name": "db", "identity_type": "USER",
      "attributes": {"bypassrls": true, "createdb": true, "createrole": true},
      "effective_attributes": {"bypassrls": true, "createdb": true, "createrole": true},
      "membership_role": "DATABRICKS_SUPERUSER"})"));
  auto const made = database("POST", "instances/db/roles",
                             json(R"({"name": "app", "identity_type": "PG_ONLY", "attributes": {"createdb": true}})"));
  EXPECT_EQ(made.status, 200) << made.body.dump(1);
  EXPECT_EQ(made.body, json(R"({"name": "app", "instance_name": "db", "identity_type": "PG_ONLY",
      "attributes": {"bypassrls": false, "createdb": true, "createrole": false},
      "effective_attributes": {"bypassrls": false, "createdb": true, "createrole": false}})"));
  EXPECT_TRUE(computes->has_call_with("CREATE ROLE \"app\""));
  EXPECT_EQ(database("GET", "instances/db/roles/app").body, made.body);

  auto const changed =
      database("PATCH", "instances/db/roles/app?database_instance_name=db",
               json(R"({"membership_role": "DATABRICKS_SUPERUSER", "attributes": {"bypassrls": true}})"));
  EXPECT_EQ(changed.body.at("membership_role"), "DATABRICKS_SUPERUSER");
  EXPECT_EQ(changed.body.at("attributes").at("bypassrls"), true);
  EXPECT_EQ(changed.body.at("attributes").at("createdb"), true);
  EXPECT_TRUE(computes->has_call_with("ALTER ROLE \"app\""));

  auto const removed = database("DELETE", "instances/db/roles/app?reassign_owned_to=developer@example.com");
  EXPECT_EQ(removed.body, Json::object());
  EXPECT_TRUE(computes->has_call_with("DROP ROLE IF EXISTS \"app\""));
  EXPECT_EQ(database("GET", "instances/db/roles/app").status, 404);
  EXPECT_EQ(database("DELETE", "instances/db/roles/app?allow_missing=true").body, Json::object());
}

TEST_F(DatabaseObjectsTest, ARoleThatPostgresqlRefusesIsNotThere) {
  computes->fail_at("CREATE ROLE", "role name is reserved", "42939");
  expect_error(database("POST", "instances/db/roles", json(R"({"name": "app"})")), 400, "BAD_REQUEST",
               "role name is reserved (SQLSTATE 42939)");
  EXPECT_EQ(database("GET", "instances/db/roles/app").status, 404);
}

TEST_F(DatabaseObjectsTest, RefusesRoles) {
  make_instance("idle", Json{{"stopped", true}});
  auto const* const bad = "INVALID_PARAMETER_VALUE";
  expect_refusals({
      {"POST", "instances/db/roles", Json::object(), 400, bad,
       "Field 'name' is required, expected non-default value (not \"\")!"},
      {"POST", "instances/db/roles", json(R"({"name": "a", "identity_type": "ROBOT"})"), 400, bad,
       "Field 'identity_type' must be one of USER, SERVICE_PRINCIPAL, GROUP, PG_ONLY, got 'ROBOT'."},
      {"POST", "instances/db/roles", json(R"({"name": "a", "membership_role": "ADMIN"})"), 400, bad,
       "Field 'membership_role' must be one of DATABRICKS_SUPERUSER, got 'ADMIN'."},
      {"POST", "instances/db/roles", json(R"({"name": "nobody", "identity_type": "USER"})"), 404, "NOT_FOUND",
       "Identity 'nobody' not found"},
      {"POST", "instances/db/roles", json(R"({"name": "developer@example.com"})"), 400, "BAD_REQUEST",
       "role with that name already exists"},
      {"POST", "instances/none/roles", json(R"({"name": "a"})"), 404, "NOT_FOUND",
       "Database instance 'none' not found"},
      {"POST", "instances/idle/roles", json(R"({"name": "a"})"), 400, "BAD_REQUEST",
       "Database instance 'idle' is stopped. Start it first."},
      {"GET", "instances/db/roles/none", nullptr, 404, "NOT_FOUND", "Role 'none' of database instance 'db' not found"},
      {"PATCH", "instances/db/roles/none", Json::object(), 404, "NOT_FOUND",
       "Role 'none' of database instance 'db' not found"},
      {"DELETE", "instances/db/roles/none", nullptr, 404, "NOT_FOUND",
       "Role 'none' of database instance 'db' not found"},
      {"DELETE", "instances/db/roles/developer@example.com?reassign_owned_to=none", nullptr, 404, "NOT_FOUND",
       "Role 'none' of database instance 'db' not found"},
  });
  EXPECT_EQ(database("GET", "instances/idle/roles").body.at("database_instance_roles").size(), 1);
}

TEST_F(DatabaseObjectsTest, CatalogsRegisterADatabase) {
  auto const made = database("POST", "catalogs", catalog("lake"));
  EXPECT_EQ(made.status, 200) << made.body.dump(1);
  auto shown = made.body;
  shown.erase("uid");
  EXPECT_EQ(shown, catalog("lake"));
  restart();
  EXPECT_EQ(database("GET", "catalogs/lake").body, made.body);
  expect_error(get("catalogs/lake"), 404, "NOT_FOUND", "catalog id not found");

  auto with_database = catalog("sales", "sales_db");
  with_database["create_database_if_not_exists"] = true;
  auto const other = database("POST", "catalogs", with_database);
  EXPECT_EQ(other.status, 200) << other.body.dump(1);
  EXPECT_FALSE(other.body.contains("create_database_if_not_exists"));
  EXPECT_TRUE(computes->has_call_with("CREATE DATABASE \"sales_db\""));
  EXPECT_EQ(database("DELETE", "catalogs/sales").body, Json::object());
  EXPECT_EQ(database("GET", "catalogs/sales").status, 404);
}

TEST_F(DatabaseObjectsTest, RefusesCatalogs) {
  make_project();
  finished("POST", "catalogs?catalog_id=projects",
           Json{{"spec", Json{{"branch", production}, {"postgres_database", "databricks_postgres"}}}});
  database("POST", "catalogs", catalog("lake"));
  auto const* const bad = "INVALID_PARAMETER_VALUE";
  auto const without = [&](char const* field) {
    auto body = catalog("other");
    body.erase(field);
    return Case{"POST", "catalogs",
                body,   400,
                bad,    std::string("Field '") + field + "' is required, expected non-default value (not \"\")!"};
  };
  auto elsewhere = catalog("other");
  elsewhere["database_instance_name"] = "none";
  auto of_project = catalog("other");
  of_project["database_project_id"] = "shop";
  expect_refusals({
      without("name"),
      without("database_instance_name"),
      without("database_name"),
      {"POST", "catalogs", catalog("a.b"), 400, bad,
       R"(Field 'name' must match pattern ^[^\s./\x00-\x1f\x7f]{1,255}$, got 'a.b'.)"},
      {"POST", "catalogs", elsewhere, 404, "NOT_FOUND", "database instance with name 'none' not found"},
      {"POST", "catalogs", of_project, 501, "NOT_IMPLEMENTED",
       "The Lakebase emulator does not offer what belongs to a project by the API of database instances: use that of "
       "projects."},
      {"POST", "catalogs", catalog("lake"), 409, "ALREADY_EXISTS", "catalog with such id already exists"},
      {"POST", "catalogs", catalog("projects"), 409, "ALREADY_EXISTS", "catalog with such id already exists"},
      {"POST", "catalogs", catalog("other"), 400, "BAD_REQUEST",
       "database 'databricks_postgres' of database instance 'db' is already registered in catalog 'lake'"},
      {"POST", "catalogs", catalog("other", "none"), 404, "NOT_FOUND", "database not found"},
      {"GET", "catalogs/none", nullptr, 404, "NOT_FOUND", "database catalog with name 'none' not found"},
      {"GET", "catalogs/projects", nullptr, 404, "NOT_FOUND", "database catalog with name 'projects' not found"},
      {"DELETE", "catalogs/projects", nullptr, 404, "NOT_FOUND", "database catalog with name 'projects' not found"},
      {"PATCH", "catalogs/lake?update_mask=*", catalog("lake"), 501, "NOT_IMPLEMENTED",
       "Update Database Catalog is not yet implemented"},
      {"GET", "instances/db/catalogs", nullptr, 501, "NOT_IMPLEMENTED",
       "List Database Catalogs is not yet implemented"},
  });
}

TEST_F(DatabaseObjectsTest, TablesAreRegistered) {
  computes->answer("c.relname = 'orders'", {{"1"}});
  Json const body{{"name", "main.public.orders"},
                  {"database_instance_name", "db"},
                  {"logical_database_name", "databricks_postgres"}};
  auto const made = database("POST", "tables", body);
  EXPECT_EQ(made.status, 200) << made.body.dump(1);
  auto shown = made.body;
  EXPECT_THAT(shown.at("table_serving_url").get<std::string>(), ::testing::EndsWith("/public/orders"));
  shown.erase("table_serving_url");
  EXPECT_EQ(shown, body);
  EXPECT_EQ(database("GET", "tables/main.public.orders").body, made.body);
  expect_error(get("tables/main.public.orders"), 404, "NOT_FOUND", "table not found");
  auto other = body;
  other["name"] = "main.public.none";
  auto misnamed = body;
  misnamed["name"] = "orders";
  expect_refusals({
      {"POST", "tables", body, 409, "ALREADY_EXISTS", "table with such name already exists"},
      {"POST", "tables", other, 404, "NOT_FOUND", "table not found; table_name:\"public.none\""},
      {"POST", "tables", misnamed, 400, "INVALID_PARAMETER_VALUE",
       R"(Field 'name' must match pattern ^[A-Za-z0-9_]+\.[A-Za-z0-9_]+\.[A-Za-z0-9_]+$, got 'orders'.)"},
      {"GET", "tables/a.b.c", nullptr, 404, "NOT_FOUND", "database table with name 'a.b.c' not found"},
      {"DELETE", "tables/a.b.c", nullptr, 404, "NOT_FOUND", "database table with name 'a.b.c' not found"},
  });
  EXPECT_EQ(database("DELETE", "tables/main.public.orders").body, Json::object());
  EXPECT_EQ(database("GET", "tables/main.public.orders").status, 404);
}

TEST_F(DatabaseObjectsTest, SyncedTablesShowTheirSync) {
  auto const made = database("POST", "synced_tables", synced("main.public.orders"));
  EXPECT_EQ(made.status, 200) << made.body.dump(1);
  auto const status = made.body.at("data_synchronization_status");
  EXPECT_EQ(status.at("detailed_state"), "SYNCED_TABLE_PROVISIONING_INITIAL_SNAPSHOT");
  EXPECT_EQ(status.at("provisioning_status"), Json::object());
  EXPECT_FALSE(status.at("pipeline_id").get<std::string>().empty());
  EXPECT_EQ(made.body.at("unity_catalog_provisioning_state"), "ACTIVE");
  EXPECT_EQ(made.body.at("effective_database_instance_name"), "db");
  EXPECT_EQ(made.body.at("effective_logical_database_name"), "databricks_postgres");
  EXPECT_EQ(made.body.at("spec").at("source_table_full_name"), "main.sales.orders");
  EXPECT_EQ(made.body.at("spec").at("scheduling_policy"), "SNAPSHOT");
  restart();
  EXPECT_EQ(database("GET", "synced_tables/main.public.orders").body, made.body);
  expect_error(get("synced_tables/main.public.orders"), 404, "NOT_FOUND", "synced table id not found");
  // Its pipeline is not hidden.
  auto const pipeline = raw(request("GET", "/api/2.0/pipelines/" + status.at("pipeline_id").get<std::string>()));
  EXPECT_EQ(pipeline.status, 200) << pipeline.body;

  EXPECT_EQ(database("DELETE", "synced_tables/main.public.orders").body, Json::object());
  EXPECT_FALSE(computes->has_call_with("DROP TABLE"));
  database("POST", "synced_tables", synced("main.public.orders"));
  EXPECT_EQ(database("DELETE", "synced_tables/main.public.orders?purge_data=true").body, Json::object());
  EXPECT_TRUE(computes->has_call_with("DROP TABLE IF EXISTS \"public\".\"orders\""));
  EXPECT_EQ(database("GET", "synced_tables/main.public.orders").status, 404);
}

TEST_F(DatabaseObjectsTest, ACatalogTellsWhereASyncedTableIs) {
  make_instance("other");
  database("POST", "catalogs", catalog("lake"));
  auto body = synced("lake.public.orders");
  body.erase("database_instance_name");
  body.erase("logical_database_name");
  EXPECT_EQ(database("POST", "synced_tables", body).body.at("database_instance_name"), "db");
  auto elsewhere = synced("lake.public.items");
  elsewhere["database_instance_name"] = "other";
  auto nowhere = synced("main.public.items");
  nowhere.erase("database_instance_name");
  auto stored = synced("main.public.items");
  stored["spec"]["new_pipeline_spec"] = Json{{"storage_catalog", "lake"}};
  auto keyless = synced("main.public.items");
  keyless["spec"].erase("primary_key_columns");
  auto const* const bad = "INVALID_PARAMETER_VALUE";
  expect_refusals({
      {"POST", "synced_tables", elsewhere, 400, bad,
       "Field 'database_instance_name' must be 'db', as of the catalog 'lake', got 'other'."},
      {"POST", "synced_tables", nowhere, 400, bad,
       "Field 'database_instance_name' is required, expected non-default value (not \"\")!"},
      {"POST", "synced_tables", stored, 400, bad,
       "Field 'spec.new_pipeline_spec.storage_catalog' must name a standard catalog; 'lake' is that of a Lakebase "
       "database."},
      {"POST", "synced_tables", keyless, 400, bad,
       "Field 'spec.primary_key_columns' is required, expected non-default value (not \"\")!"},
      {"POST", "synced_tables", body, 409, "ALREADY_EXISTS", "synced table with such id already exists"},
      {"GET", "synced_tables/a.b.c", nullptr, 404, "NOT_FOUND", "synced database table with name 'a.b.c' not found"},
      {"DELETE", "synced_tables/a.b.c", nullptr, 404, "NOT_FOUND", "synced database table with name 'a.b.c' not found"},
      {"PATCH", "synced_tables/lake.public.orders", body, 501, "NOT_IMPLEMENTED",
       "Update Synced Database Table is not yet implemented."},
      {"GET", "instances/db/synced_tables", nullptr, 501, "NOT_IMPLEMENTED",
       "List Synced Database Tables is not yet implemented."},
  });
}

TEST_F(DatabaseObjectsTest, GoWithTheirInstance) {
  database("POST", "catalogs", catalog("lake"));
  database("POST", "synced_tables", synced("main.public.orders"));
  EXPECT_EQ(database("DELETE", "instances/db").status, 200);
  EXPECT_EQ(settled("db").value("error_code", ""), "NOT_FOUND");
  EXPECT_EQ(database("GET", "catalogs/lake").status, 404);
  EXPECT_EQ(database("GET", "synced_tables/main.public.orders").status, 404);
}

TEST_F(DatabaseObjectsTest, AnUpgradeKeepsThemForBothApis) {
  database("POST", "catalogs", catalog("lake"));
  database("POST", "instances/db/roles", json(R"({"name": "app"})"));
  database("PATCH", "instances/db/upgrade", Json::object());
  settled("db");
  EXPECT_EQ(database("GET", "catalogs/lake").body.at("database_instance_name"), "db");
  EXPECT_EQ(get("catalogs/lake").body.at("status").at("branch"), "projects/db/branches/production");
  EXPECT_EQ(get("projects/db/branches/production/roles/app").body.at("status").at("postgres_role"), "app");
  EXPECT_EQ(database("GET", "instances/db/roles/app").status, 200);
}

}  // namespace
}  // namespace lakebase::emulator::tests
