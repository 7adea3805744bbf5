#include "control_plane_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class CatalogsTest : public ControlPlaneTest {
 protected:
  CatalogsTest() { make_project(); }

  static Json spec(std::string const& database, std::string const& branch = production, bool creates = false) {
    Json spec{{"branch", branch}, {"postgres_database", database}};
    if (creates) spec["create_database_if_missing"] = true;
    return Json{{"spec", spec}};
  }
  Answer create(std::string const& id, Json const& body) { return call("POST", "catalogs?catalog_id=" + id, body); }
  Json made(std::string const& id, Json const& body) { return finished("POST", "catalogs?catalog_id=" + id, body); }
};

TEST_F(CatalogsTest, RegistersADatabase) {
  auto const started = create("sales", spec("databricks_postgres"));
  EXPECT_THAT(started.body.at("name").get<std::string>(), MatchesRegex("catalogs/sales/operations/.+"));
  EXPECT_EQ(started.body.at("metadata").at("@type"),
            "type.googleapis.com/databricks.postgres.v1.CatalogOperationMetadata");
  auto const catalog = wait(started).at("response");
  EXPECT_EQ(catalog, get("catalogs/sales").body);
  EXPECT_EQ(catalog.at("name"), "catalogs/sales");
  EXPECT_EQ(catalog.at("catalog_id"), "sales");
  EXPECT_EQ(catalog.at("uid").get<std::string>().size(), 36U);
  EXPECT_EQ(catalog.at("create_time"), "2026-06-01T12:00:00Z");
  EXPECT_FALSE(catalog.contains("spec"));
  EXPECT_EQ(catalog.at("status").dump(), R"({"branch":"projects/shop/branches/production",)"
                                         R"("postgres_database":"databricks_postgres","project":"projects/shop"})");
  EXPECT_FALSE(computes->has_call_with("pg_database")) << "the state knows the database";
}

TEST_F(CatalogsTest, TakesNoDatabaseOfPostgresqlsOwn) {
  for (auto const* const name : {"postgres", "template0", "template1"}) {
    computes->answer("pg_database", {{"1"}});
    expect_error(create("sales", spec(name)), 404, "NOT_FOUND", "database not found");
    expect_error(create("sales", spec(name, production, true)), 400, "BAD_REQUEST",
                 "database with that name already exists");
  }
}

TEST_F(CatalogsTest, EchoesTheSpecWhereAsked) {
  options.echo_spec = true;
  reopen();
  EXPECT_EQ(made("sales", spec("databricks_postgres")).at("spec").dump(),
            R"({"branch":"projects/shop/branches/production","postgres_database":"databricks_postgres"})");
}

TEST_F(CatalogsTest, Refuses) {
  made("sales", spec("databricks_postgres"));
  struct Case {
    char const* id;
    Json body;
    int status;
    char const* code;
    char const* message;
  };
  for (auto const& [id, body, status, code, message] : {
           Case{"", spec("databricks_postgres"), 400, "INVALID_PARAMETER_VALUE",
                "Field 'catalog_id' is required, expected non-default value (not \"\")!"},
           Case{"a.b", spec("databricks_postgres"), 400, "INVALID_PARAMETER_VALUE",
                R"(Field catalog_id must match pattern ^[^\s./\x00-\x1f\x7f]{1,255}$, got 'a.b'.)"},
           Case{"next", Json::object(), 400, "INVALID_PARAMETER_VALUE",
                "Field 'catalog.spec.postgres_database' is required, expected non-default value (not \"\")!"},
           Case{"next", json(R"({"spec": {"postgres_database": "d"}})"), 400, "INVALID_PARAMETER_VALUE",
                "Field 'catalog.spec.branch' is required, expected non-default value (not \"\")!"},
           Case{"next", spec("d", "production"), 400, "INVALID_PARAMETER_VALUE",
                "Field 'catalog.spec.branch' expects 'projects/{project_id}/branches/{branch_id}' format, got "
                "'production'."},
           Case{"next", spec("d", "projects/none/branches/b"), 404, "NOT_FOUND", "project id not found"},
           Case{"next", spec("d", "projects/shop/branches/none"), 404, "NOT_FOUND", "branch id not found"},
           Case{"next", spec("none"), 404, "NOT_FOUND", "database not found"},
           Case{"sales", spec("none"), 409, "ALREADY_EXISTS", "catalog with such id already exists"},
           Case{"next", spec("databricks_postgres"), 400, "BAD_REQUEST",
                "database 'databricks_postgres' of branch 'projects/shop/branches/production' is already registered "
                "in catalog 'sales'"},
           Case{"next", json(R"({"spec": {"postgres_database": 1}})"), 400, "MALFORMED_REQUEST",
                "Could not parse request object: field 'spec.postgres_database' must be a string."},
       }) {
    expect_error(create(id, body), status, code, message);
  }
  expect_error(get("catalogs/next"), 404, "NOT_FOUND", "catalog id not found");
  expect_error(call("DELETE", "catalogs/next"), 404, "NOT_FOUND", "catalog id not found");
  EXPECT_TRUE(get(std::string(production) + "/databases/none").status == 404);
}

TEST_F(CatalogsTest, RegistersADatabaseThatWasMadeBySql) {
  computes->answer("FROM pg_catalog.pg_database WHERE datname = 'by_sql'", {{"1"}});
  EXPECT_EQ(made("sales", spec("by_sql")).at("status").at("postgres_database"), "by_sql");
}

TEST_F(CatalogsTest, CreatesTheDatabaseForTheCaller) {
  made("sales", spec("sales_db", production, true));
  EXPECT_TRUE(computes->has_call_with(R"(sql postgres: CREATE DATABASE "sales_db" OWNER "developer@example.com")"));
  auto const database = get(std::string(production) + "/databases/sales-db").body;
  EXPECT_EQ(database.at("status").at("postgres_database"), "sales_db");
  EXPECT_EQ(database.at("status").at("role"), std::string(production) + "/roles/developer");
  finished("DELETE", "catalogs/sales");
  expect_error(get("catalogs/sales"), 404, "NOT_FOUND", "catalog id not found");
  EXPECT_EQ(get(std::string(production) + "/databases/sales-db").status, 200) << "the database stays";
  made("again", spec("sales_db"));
}

TEST_F(CatalogsTest, GivesTheCallerARoleIfHeHasNone) {
  options.user_name = "Other.One@example.com";
  reopen();
  made("sales", spec("sales_db", production, true));
  EXPECT_TRUE(
      computes->has_call_with(R"(CREATE ROLE "Other.One@example.com" LOGIN NOCREATEDB NOCREATEROLE NOBYPASSRLS)"));
  auto const role = get(std::string(production) + "/roles/other-one").body.at("status");
  EXPECT_EQ(role.at("identity_type"), "USER");
  EXPECT_FALSE(role.contains("membership_roles"));
  EXPECT_EQ(get(std::string(production) + "/databases/sales-db").body.at("status").at("role"),
            std::string(production) + "/roles/other-one");
}

TEST_F(CatalogsTest, FailsWithoutATrace) {
  options.user_name = "other@example.com";
  reopen();
  computes->fail_at("CREATE DATABASE", "no space left", "53100");
  EXPECT_THAT(failed("POST", "catalogs?catalog_id=sales", spec("sales_db", production, true)).at("message"),
              HasSubstr("no space left"));
  EXPECT_EQ(get("catalogs/sales").status, 404);
  EXPECT_EQ(get(std::string(production) + "/databases/sales-db").status, 404);
  EXPECT_EQ(get(std::string(production) + "/roles/other").status, 404);
  EXPECT_TRUE(computes->has_call_with(R"(DROP DATABASE IF EXISTS "sales_db" WITH (FORCE))"));
  EXPECT_TRUE(computes->has_call_with(R"(DROP ROLE IF EXISTS "other@example.com")"));
  made("sales", spec("sales_db", production, true));
}

TEST_F(CatalogsTest, LeavesAloneWhatSomebodyElseMadeMeanwhile) {
  options.operation_delay = std::chrono::milliseconds{200};
  reopen();
  auto const started = create("sales", spec("sales_db", production, true));
  computes->answer("FROM pg_catalog.pg_database WHERE datname = 'sales_db'", {{"1"}});
  auto const error = wait(started).at("error");
  EXPECT_EQ(error.at("error_code"), "BAD_REQUEST");
  EXPECT_THAT(error.at("message"), HasSubstr(R"(database "sales_db" already exists)"));
  EXPECT_FALSE(computes->has_call_with("DROP DATABASE"));
  EXPECT_EQ(get(std::string(production) + "/databases/sales-db").status, 404);
}

TEST_F(CatalogsTest, AChildInheritsTheRegistration) {
  made("sales", spec("databricks_postgres"));
  make_branch("dev");
  auto const dev = std::string("projects/shop/branches/dev");
  EXPECT_THAT(create("of_dev", spec("databricks_postgres", dev)).message(), HasSubstr("already registered"));
  EXPECT_EQ(get("catalogs/sales").body.at("status").at("branch"), production);
  finished("DELETE", dev + "/databases/databricks-postgres");
  finished("POST", dev + "/databases?database_id=databricks-postgres",
           Json{{"spec", Json{{"postgres_database", "databricks_postgres"}, {"role", dev + "/roles/developer"}}}});
  made("of_dev", spec("databricks_postgres", dev));
}

TEST_F(CatalogsTest, AChildFromBeforeTheRegistrationIsFree) {
  make_branch("dev");
  made("sales", spec("databricks_postgres"));
  made("of_dev", spec("databricks_postgres", "projects/shop/branches/dev"));
}

TEST_F(CatalogsTest, GoesWithItsBranch) {
  make_branch("dev");
  auto const of_dev = spec("databricks_postgres", "projects/shop/branches/dev");
  made("of_dev", of_dev);
  finished("DELETE", "projects/shop/branches/dev");
  expect_error(get("catalogs/of_dev"), 404, "NOT_FOUND", "catalog id not found");
  finished("POST", "projects/shop/branches/dev/undelete", Json::object());
  EXPECT_EQ(get("catalogs/of_dev").status, 404);
  made("of_dev", of_dev);
  finished("DELETE", "projects/shop/branches/dev?purge=true");
  EXPECT_EQ(get("catalogs/of_dev").status, 404);
}

TEST_F(CatalogsTest, GoesWithItsProject) {
  made("sales", spec("databricks_postgres"));
  finished("DELETE", "projects/shop");
  EXPECT_EQ(get("catalogs/sales").status, 404);
  finished("POST", "projects/shop/undelete", Json::object());
  EXPECT_EQ(get("catalogs/sales").status, 404);
}

TEST_F(CatalogsTest, IsKeptAndLocked) {
  auto const before = made("sales", spec("databricks_postgres"));
  restart();
  EXPECT_EQ(get("catalogs/sales").body, before);
  computes->hold("copy_branch");
  auto const busy = call("POST", "projects/shop/branches?branch_id=dev", json(R"({"spec": {"no_expiry": true}})"));
  computes->wait_until_held();
  EXPECT_EQ(create("next", spec("databricks_postgres")).status, 400);
  expect_error(create("next", spec("other", production, true)), 409, "ABORTED",
               "Another operation is running on project 'shop'; try again when it is done.");
  expect_error(call("DELETE", "catalogs/sales"), 409, "ABORTED",
               "Another operation is running on project 'shop'; try again when it is done.");
  computes->release();
  wait(busy);
}

}  // namespace
}  // namespace lakebase::emulator::tests
