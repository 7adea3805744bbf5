#include "control_plane_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;

class TablesTest : public ControlPlaneTest {
 protected:
  TablesTest() {
    make_project();
    computes->answer("c.relname = 'orders'", {{"1"}});
  }

  static Json body(std::string const& name,
                   std::string const& database = std::string(production) + "/databases/databricks_postgres") {
    return Json{{"name", name}, {"database", database}};
  }
  Answer create(Json const& table) { return call("POST", "tables", table); }
};

TEST_F(TablesTest, RegistersAtOnce) {
  auto const made = create(body("main.public.orders"));
  EXPECT_EQ(made.status, 200);
  auto const host = get(primary).body.at("status").at("hosts").at("host").get<std::string>();
  EXPECT_EQ(made.body, (Json{{"name", "main.public.orders"},
                             {"project", "projects/shop"},
                             {"branch", production},
                             {"database", std::string(production) + "/databases/databricks_postgres"},
                             {"table_serving_url", "https://" + host +
                                                       "/api/2.0/workspace/1000000000000001/rest/"
                                                       "databricks_postgres/public/orders"}}));
  EXPECT_EQ(get("tables/main.public.orders").body, made.body);
  restart();
  EXPECT_EQ(get("tables/main.public.orders").body.at("name"), "main.public.orders");
  auto const removed = call("DELETE", "tables/main.public.orders");
  EXPECT_EQ(removed.status, 200);
  EXPECT_EQ(removed.body, Json::object());
  expect_error(get("tables/main.public.orders"), 404, "NOT_FOUND", "table not found");
  expect_error(call("DELETE", "tables/main.public.orders"), 404, "NOT_FOUND", "table not found");
}

TEST_F(TablesTest, TakesTheIdOfADatabaseToo) {
  EXPECT_EQ(create(body("main.public.orders", std::string(production) + "/databases/databricks-postgres"))
                .body.at("database"),
            std::string(production) + "/databases/databricks_postgres");
}

TEST_F(TablesTest, Refuses) {
  create(body("main.public.orders"));
  finished("POST", "catalogs?catalog_id=lake",
           Json{{"spec", Json{{"branch", production}, {"postgres_database", "databricks_postgres"}}}});
  finished("POST", "synced_tables?synced_table_id=main.gold.orders",
           Json{{"spec", Json{{"source_table_full_name", "a.b.c"},
                              {"primary_key_columns", {"id"}},
                              {"branch", production},
                              {"postgres_database", "databricks_postgres"}}}});
  struct Case {
    Json body;
    int status;
    char const* code;
    char const* message;
  };
  auto const invalid = "INVALID_PARAMETER_VALUE";
  for (auto const& [table, status, code, message] : {
           Case{Json::object(), 400, invalid, "Field 'table.name' is required, expected non-default value (not \"\")!"},
           Case{body("orders"), 400, invalid,
                R"(Field table.name must match pattern ^[A-Za-z0-9_]+\.[A-Za-z0-9_]+\.[A-Za-z0-9_]+$, got 'orders'.)"},
           Case{Json{{"name", "a.b.orders"}}, 400, invalid,
                "Field 'table.database' is required, expected non-default value (not \"\")!"},
           Case{body("a.b.orders", "databricks_postgres"), 400, invalid,
                "Field 'table.database' expects "
                "'projects/{project_id}/branches/{branch_id}/databases/{postgres_database}' format, got "
                "'databricks_postgres'."},
           Case{body("a.b.orders", "projects/none/branches/b/databases/d"), 404, "NOT_FOUND", "project id not found"},
           Case{body("a.b.orders", std::string(production) + "/databases/none"), 404, "NOT_FOUND",
                "database not found"},
           Case{body("a.b.none"), 404, "NOT_FOUND", "table not found; table_name:\"b.none\""},
           Case{body("main.public.orders"), 409, "ALREADY_EXISTS", "table with such name already exists"},
           Case{body("main.gold.orders"), 409, "ALREADY_EXISTS", "synced table with such id already exists"},
           Case{body("lake.public.orders"), 400, invalid,
                "Field 'table.name' must be in a standard catalog; 'lake' is that of a Lakebase database."},
       }) {
    expect_error(create(table), status, code, message);
  }
}

TEST_F(TablesTest, WaitsForNoOperation) {
  create(body("main.public.orders"));
  computes->hold("copy_branch");
  auto const busy = call("POST", "projects/shop/branches?branch_id=dev", json(R"({"spec": {"no_expiry": true}})"));
  computes->wait_until_held();
  EXPECT_EQ(create(body("a.public.orders")).code(), "ABORTED");
  EXPECT_EQ(call("DELETE", "tables/main.public.orders").code(), "ABORTED");
  computes->release();
  wait(busy);
  EXPECT_EQ(call("DELETE", "tables/main.public.orders").status, 200);
}

}  // namespace
}  // namespace lakebase::emulator::tests
