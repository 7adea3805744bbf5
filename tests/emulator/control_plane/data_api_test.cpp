#include <mutex>

#include "control_plane_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DataApiTest : public ControlPlaneTest {
 protected:
  DataApiTest() { make_project(); }

  Json enable(Json spec = Json::object()) { return finished("POST", name, Json{{"spec", std::move(spec)}}); }

  /// Asks the Data API itself for what it has, which is nothing.
  HttpReply ask() {
    for (auto const* const part : {"'is_view'", "'to_table'", "'is_stable'"}) computes->answer(part, {{"[]"}});
    HttpRequest request;
    request.method = "GET";
    request.path = "/api/2.0/workspace/1000000000000001/rest/databricks_postgres";
    request.segments = decoded_segments(request.path);
    request.authorization =
        "Bearer " + call("POST", "credentials", Json{{"endpoint", primary}}).body.at("token").get<std::string>();
    return plane->handle_data_api(computes->address(uid(primary)), request);
  }

  std::string const database = std::string(production) + "/databases/databricks-postgres";
  std::string const name = database + "/data-api";
};

TEST_F(DataApiTest, IsOffUntilItIsCreated) {
  expect_error(get(name), 404, "NOT_FOUND", "data api not found");
  computes->answer("FROM pg_catalog.pg_namespace", {{"public"}, {"sales"}});
  auto const made = enable();
  EXPECT_EQ(made, get(name).body);
  EXPECT_EQ(made.at("name"), name);
  EXPECT_EQ(made.at("parent"), database);
  EXPECT_FALSE(made.contains("spec"));
  auto const& status = made.at("status");
  EXPECT_EQ(status.at("db_schemas"), json(R"(["public"])"));
  EXPECT_EQ(status.at("available_schemas"), json(R"(["public", "sales"])"));
  EXPECT_EQ(status.at("db_anon_role"), "anonymous");
  EXPECT_EQ(status.at("db_aggregates_enabled"), true);
  EXPECT_EQ(status.at("jwt_role_claim_key"), ".sub");
  EXPECT_EQ(status.at("jwt_cache_max_lifetime"), "0s");
  EXPECT_FALSE(status.contains("db_max_rows"));
  EXPECT_THAT(status.at("url").get<std::string>(),
              HasSubstr("/api/2.0/workspace/1000000000000001/rest/databricks_postgres"));
  EXPECT_TRUE(computes->has_call_with("ALTER ROLE authenticator LOGIN NOINHERIT"));
  finished("DELETE", name);
  expect_error(get(name), 404, "NOT_FOUND", "data api not found");
}

TEST_F(DataApiTest, ChangesWhatTheMaskNames) {
  enable(json(R"({"db_schemas": ["api", "public"], "db_max_rows": 10})"));
  auto const changed = finished("PATCH", name + "?update_mask=spec.db_max_rows,spec.server_cors_allowed_origins",
                                json(R"({"spec": {"db_max_rows": 20, "db_anon_role": "web"}})"));
  EXPECT_EQ(changed.at("status").at("db_max_rows"), 20);
  EXPECT_EQ(changed.at("status").at("db_anon_role"), "anonymous");
  EXPECT_EQ(changed.at("status").at("db_schemas"), json(R"(["api", "public"])"));
  auto const cleared = finished("PATCH", name + "?update_mask=spec.db_schemas", json(R"({"spec": {}})"));
  EXPECT_EQ(cleared.at("status").at("db_schemas"), json(R"(["public"])"));
}

TEST_F(DataApiTest, SurvivesARestartAndIsNotInherited) {
  enable(json(R"({"openapi_mode": "OPEN_API_MODE_IGNORE_PRIVILEGES", "jwt_cache_max_lifetime": "1.5s"})"));
  auto const before = get(name).body;
  restart();
  EXPECT_EQ(get(name).body, before);
  make_branch("child");
  expect_error(get("projects/shop/branches/child/databases/databricks-postgres/data-api"), 404, "NOT_FOUND",
               "data api not found");
}

TEST_F(DataApiTest, ResetsASessionAfterEachRequest) {
  enable(json(R"({"openapi_mode": "OPEN_API_MODE_IGNORE_PRIVILEGES"})"));
  ASSERT_EQ(ask().status, 200);
  auto const before = computes->calls().size();
  ASSERT_EQ(ask().status, 200);
  EXPECT_EQ(computes->open_sessions(), 1);
  auto const calls = computes->calls();
  std::vector<std::string> const of_second{calls.begin() + static_cast<std::ptrdiff_t>(before), calls.end()};
  ASSERT_EQ(of_second.size(), 4U);
  EXPECT_THAT(of_second[0], HasSubstr("BEGIN"));
  EXPECT_THAT(of_second[1], HasSubstr("pg_advisory_unlock_all"));
  EXPECT_THAT(of_second[2], HasSubstr("COMMIT"));
  for (auto const* const part : {"RESET ALL", "RESET ROLE", "DISCARD TEMP", "DISCARD SEQUENCES", "CLOSE ALL",
                                 "pg_prepared_statements", "LISTEN pgrst"}) {
    EXPECT_THAT(of_second[3], HasSubstr(part));
  }
}

TEST_F(DataApiTest, EndsItsSessionsAndItsListenerWhenItIsDeleted) {
  std::mutex mutex;
  std::vector<std::string> all_ended;
  options.stop_serving_at = [&](std::string const& address) {
    std::lock_guard const lock{mutex};
    all_ended.push_back(address);
  };
  auto const ended = [&] {
    std::lock_guard const lock{mutex};
    return all_ended;
  };
  restart();
  enable(json(R"({"openapi_mode": "OPEN_API_MODE_IGNORE_PRIVILEGES"})"));
  ASSERT_EQ(ask().status, 200);
  plane->sweep();
  EXPECT_EQ(computes->open_sessions(), 1);
  EXPECT_THAT(ended(), IsEmpty());
  auto const address = computes->address(uid(primary));
  finished("DELETE", name);
  plane->sweep();
  EXPECT_EQ(computes->open_sessions(), 0);
  EXPECT_EQ(ended(), std::vector{address});
  EXPECT_EQ(ask().status, 404);
  enable();
  plane->sweep();
  EXPECT_EQ(ask().status, 404);
  EXPECT_EQ(ended().size(), 1U);
  finished("DELETE", "projects/shop?purge=true");
  plane->sweep();
  EXPECT_EQ(ended().size(), 2U);
  plane.reset();
}

TEST_F(DataApiTest, RefusesWhatCannotBeServed) {
  for (auto const* const spec :
       {R"({"db_schemas": ["1a"]})", R"({"db_schemas": ["information_schema"]})", R"({"db_max_rows": 0})",
        R"({"jwt_role_claim_key": "sub"})", R"({"openapi_mode": "X"})", R"({"jwt_cache_max_lifetime": "-1s"})"}) {
    auto const answer = call("POST", name, Json{{"spec", json(spec)}});
    EXPECT_EQ(answer.status, 400) << spec;
    EXPECT_EQ(answer.code(), "INVALID_PARAMETER_VALUE") << spec;
  }
}

}  // namespace
}  // namespace lakebase::emulator::tests
