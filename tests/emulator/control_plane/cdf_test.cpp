#include "control_plane_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;

class CdfTest : public ControlPlaneTest {
 protected:
  CdfTest() {
    make_project();
    computes->answer("pg_current_wal_lsn", {{"0/1A2B3C8"}});
  }

  std::string const database = std::string(production) + "/databases/databricks-postgres";
  std::string const configs = database + "/cdf-configs";

  static Json body(std::string const& schema, Json const& further = Json::object()) {
    Json config{{"catalog", "main"}, {"schema", "feed"}, {"postgres_schema", schema}};
    config.update(further);
    return config;
  }
  Answer create(Json const& config, std::string const& id = {}) {
    return call("POST", configs + (id.empty() ? "" : "?cdf_config_id=" + id), config);
  }
  Json made(Json const& config, std::string const& id = {}) { return wait(create(config, id)).at("response"); }
};

TEST_F(CdfTest, MakesAndShowsAConfig) {
  auto const started = create(body("public"));
  EXPECT_THAT(started.body.at("name").get<std::string>(), MatchesRegex(configs + "/public/operations/.+"));
  EXPECT_EQ(started.body.at("metadata").at("@type"),
            "type.googleapis.com/databricks.postgres.v1.CdfConfigOperationMetadata");
  auto const config = wait(started).at("response");
  EXPECT_EQ(config.dump(), R"({"name":")" + configs + R"(/public","cdf_config_id":"public","catalog":"main",)" +
                               R"("schema":"feed","postgres_schema":"public","create_time":"2026-06-01T12:00:00Z"})");
  EXPECT_EQ(get(configs + "/public").body, config);
  made(body("Odd Schema"), "odd");
  auto const list = get(configs).body.at("cdf_configs");
  EXPECT_EQ(list.at(0), config);
  EXPECT_EQ(list.at(1).at("postgres_schema"), "Odd Schema");
  auto const page = get(configs + "?page_size=1").body;
  EXPECT_EQ(page.at("cdf_configs").size(), 1U);
  EXPECT_EQ(get(configs + "?page_token=" + page.at("next_page_token").get<std::string>()).body.at("cdf_configs").at(0),
            list.at(1));
  restart();
  EXPECT_EQ(get(configs + "/public").body, config);
  finished("DELETE", configs + "/public?force=true");
  expect_error(get(configs + "/public"), 404, "NOT_FOUND", "cdf config id not found");
  expect_error(call("DELETE", configs + "/public"), 404, "NOT_FOUND", "cdf config id not found");
  expect_error(get(configs + "/public/cdf-statuses"), 404, "NOT_FOUND", "cdf config id not found");
}

TEST_F(CdfTest, Refuses) {
  made(body("public"));
  finished("POST", "catalogs?catalog_id=lake",
           Json{{"spec", Json{{"branch", production}, {"postgres_database", "databricks_postgres"}}}});
  struct Case {
    Json body;
    char const* id;
    int status;
    char const* code;
    char const* message;
  };
  auto const invalid = "INVALID_PARAMETER_VALUE";
  for (auto const& [config, id, status, code, message] : {
           Case{Json::object(), "", 400, invalid,
                "Field 'cdf_config.catalog' is required, expected non-default value (not \"\")!"},
           Case{body("x", {{"schema", ""}}), "", 400, invalid,
                "Field 'cdf_config.schema' is required, expected non-default value (not \"\")!"},
           Case{body(""), "", 400, invalid,
                "Field 'cdf_config.postgres_schema' is required, expected non-default value (not \"\")!"},
           Case{body("x"), "Bad-Id", 400, invalid, "Invalid cdf_config_id 'Bad-Id'. Must match [a-z][a-z0-9_]{0,62}"},
           Case{body("Odd Schema"), "", 400, invalid,
                "Invalid cdf_config_id 'Odd Schema'. Must match [a-z][a-z0-9_]{0,62}"},
           Case{body("x"), "public", 409, "ALREADY_EXISTS", "cdf config with such id already exists"},
           Case{body("public"), "x", 409, "ALREADY_EXISTS",
                "cdf config 'public' for postgres schema 'public' already exists"},
           Case{body("x", {{"catalog", "lake"}}), "", 400, invalid,
                "Field 'cdf_config.catalog' must name a standard catalog; 'lake' is that of a Lakebase database, which "
                "is read-only."},
           Case{body("x", {{"catalog", 5}}), "", 400, "MALFORMED_REQUEST",
                "Could not parse request object: field 'catalog' must be a string."},
       }) {
    expect_error(create(config, id), status, code, message);
  }
  expect_error(call("POST", std::string(production) + "/databases/none/cdf-configs", body("x")), 404, "NOT_FOUND",
               "database not found; database_id:\"none\"");
  EXPECT_EQ(get(configs).body.at("cdf_configs").size(), 1U);
}

TEST_F(CdfTest, StatusesAreTheTablesOfTheSchema) {
  made(body("shop"));
  computes->answer("n.nspname = 'shop'", {{"16400", "orders", "r", "f", "p", "f"},
                                          {"16405", "by \"day\"", "p", "f", "p", "d"},
                                          {"16410", "monday", "r", "t", "p", "f"},
                                          {"16415", "plain", "r", "f", "p", "d"},
                                          {"16420", "quick", "r", "f", "u", "f"}});
  auto const statuses = configs + "/shop/cdf-statuses";
  EXPECT_EQ(get(statuses + "/orders").body.dump(),
            R"({"name":")" + statuses + R"(/orders","postgres_table":"shop.orders","state":"CDF_STATE_SNAPSHOTTING",)" +
                R"("uc_table":"main.feed.orders","committed_lsn":"0/1A2B3C8"})");
  EXPECT_EQ(get(statuses + "/plain").body.dump(),
            R"({"name":")" + statuses + R"(/plain","postgres_table":"shop.plain","state":"CDF_STATE_SKIPPED",)" +
                R"("status_detail":"The table has no REPLICA IDENTITY FULL: ALTER TABLE \"shop\".\"plain\" REPLICA )" +
                R"(IDENTITY FULL"})");
  std::vector<std::string> details;
  auto const all = get(statuses).body.at("cdf_statuses");
  for (auto const& status : all) details.push_back(status.value("status_detail", ""));
  EXPECT_THAT(details, ElementsAre("", "Partitioned tables are not supported.",
                                   "Partitions of a partitioned table are not supported.",
                                   ::testing::HasSubstr("REPLICA IDENTITY FULL"),
                                   "The table is unlogged, so that its changes are in no log."));
  auto const page = get(statuses + "?page_size=4").body;
  EXPECT_EQ(get(statuses + "?page_token=" + page.at("next_page_token").get<std::string>())
                .body.at("cdf_statuses")
                .at(0)
                .at("postgres_table"),
            "shop.quick");
  expect_error(get(statuses + "/none"), 404, "NOT_FOUND", "cdf status not found");
  EXPECT_TRUE(computes->has_call_with("sql databricks_postgres: SELECT c.oid"));
}

TEST_F(CdfTest, ADisabledComputeIsNotWoken) {
  made(body("shop"));
  EXPECT_EQ(get(configs + "/shop/cdf-statuses").body, Json::object());
  finished("PATCH", std::string(primary) + "?update_mask=spec.disabled", json(R"({"spec": {"disabled": true}})"));
  expect_error(get(configs + "/shop/cdf-statuses"), 400, "BAD_REQUEST",
               "The tables cannot be read: endpoint 'primary' is disabled.");
}

TEST_F(CdfTest, AChildHasNoFeed) {
  made(body("public"));
  make_branch("dev");
  EXPECT_EQ(get("projects/shop/branches/dev/databases/databricks-postgres/cdf-configs").body, Json::object());
  EXPECT_EQ(get(configs + "/public").status, 200);
}

TEST_F(CdfTest, GoesWithItsDatabaseAndStaysOverItsChanges) {
  made(body("public"));
  finished("PATCH", database + "?update_mask=spec.postgres_database",
           json(R"({"spec": {"postgres_database": "renamed"}})"));
  get(configs + "/public/cdf-statuses");
  EXPECT_TRUE(computes->has_call_with("sql renamed: SELECT c.oid"));
  finished("DELETE", database);
  expect_error(get(configs), 404, "NOT_FOUND", "database not found; database_id:\"databricks-postgres\"");
}

TEST_F(CdfTest, FailsWithoutATrace) {
  computes->fail_at("pg_current_wal_lsn", "the server is gone");
  failed("POST", configs, body("public"));
  EXPECT_EQ(get(configs).body, Json::object());
}

}  // namespace
}  // namespace lakebase::emulator::tests
