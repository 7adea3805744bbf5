#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/postgres_client.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;
using namespace std::chrono_literals;

constexpr auto data_api_database = "projects/p/branches/b/databases/shop";
constexpr auto data_api = "projects/p/branches/b/databases/shop/data-api";
constexpr auto data_api_operation =
    R"({"name":"projects/p/branches/b/databases/shop/data-api/operations/1","done":false})";

TEST(CreateDataApi, SendsTheSpecInTheBody) {
  auto const wire = script({{200, data_api_operation}});
  auto const started = client_over(wire).create_data_api(
      data_api_database, DataApi{.spec = DataApiDataApiSpec{.db_aggregates_enabled = false,
                                                            .db_anon_role = "guest",
                                                            .db_extra_search_path = {"extensions"},
                                                            .db_max_rows = 1000,
                                                            .db_schemas = {"public", "api"},
                                                            .jwt_cache_max_lifetime = 0s,
                                                            .jwt_role_claim_key = ".role",
                                                            .openapi_mode = OpenApiMode::ignore_privileges,
                                                            .server_cors_allowed_origins = {"https://shop.example"},
                                                            .server_timing_enabled = true}});
  EXPECT_THAT(wire->only_request(),
              IsRequest("POST", "/api/2.0/postgres/projects/p/branches/b/databases/shop/data-api", R"({"spec":{
    "db_aggregates_enabled":false,"db_anon_role":"guest","db_extra_search_path":["extensions"],"db_max_rows":1000,
    "db_schemas":["public","api"],"jwt_cache_max_lifetime":"0s","jwt_role_claim_key":".role",
    "openapi_mode":"OPEN_API_MODE_IGNORE_PRIVILEGES","server_cors_allowed_origins":["https://shop.example"],
    "server_timing_enabled":true}})"));
  EXPECT_EQ(started.name(), "projects/p/branches/b/databases/shop/data-api/operations/1");
}

TEST(DeleteDataApi, DeletesByName) {
  auto const wire = script({{200, data_api_operation}});
  static_cast<void>(client_over(wire).delete_data_api(data_api));
  EXPECT_THAT(wire->only_request(),
              IsRequest("DELETE", "/api/2.0/postgres/projects/p/branches/b/databases/shop/data-api"));
}

TEST(GetDataApi, ReadsByName) {
  auto const wire = script({{200, R"({"name":"projects/p/branches/b/databases/shop/data-api",
    "parent":"projects/p/branches/b/databases/shop","status":{"available_schemas":["public","api"],
    "db_aggregates_enabled":true,"db_anon_role":"anonymous","db_max_rows":1000,"db_schemas":["public"],
    "jwt_cache_max_lifetime":"60s","jwt_role_claim_key":".sub","openapi_mode":"OPEN_API_MODE_DISABLED",
    "server_timing_enabled":false,"url":"https://ep-1.example.com/api/2.0/workspace/1/rest/shop"}})"}});
  auto const api = client_over(wire).get_data_api(data_api);
  EXPECT_THAT(wire->only_request(),
              IsRequest("GET", "/api/2.0/postgres/projects/p/branches/b/databases/shop/data-api"));
  EXPECT_EQ(api.parent, data_api_database);
  EXPECT_EQ(api.status, (DataApiDataApiStatus{.available_schemas = {"public", "api"},
                                              .db_aggregates_enabled = true,
                                              .db_anon_role = "anonymous",
                                              .db_max_rows = 1000,
                                              .db_schemas = {"public"},
                                              .jwt_cache_max_lifetime = 60s,
                                              .jwt_role_claim_key = ".sub",
                                              .openapi_mode = OpenApiMode::disabled,
                                              .server_timing_enabled = false,
                                              .url = "https://ep-1.example.com/api/2.0/workspace/1/rest/shop"}));
}

TEST(UpdateDataApi, SendsMaskAndBody) {
  auto const wire = script({{200, data_api_operation}});
  static_cast<void>(client_over(wire).update_data_api(data_api, DataApi{.spec = DataApiDataApiSpec{.db_max_rows = 50}},
                                                      FieldMask{"spec.db_max_rows"}));
  EXPECT_THAT(
      wire->only_request(),
      IsRequest("PATCH", "/api/2.0/postgres/projects/p/branches/b/databases/shop/data-api?update_mask=spec.db_max_rows",
                R"({"spec":{"db_max_rows":50}})"));
}

TEST(UpdateDataApi, EmptiesAListThatTheMaskNames) {
  auto const wire = script({{200, data_api_operation}});
  static_cast<void>(client_over(wire).update_data_api(data_api, DataApi{.spec = DataApiDataApiSpec{}},
                                                      FieldMask{"spec.server_cors_allowed_origins"}));
  EXPECT_THAT(wire->only_request(), IsRequest("PATCH",
                                              "/api/2.0/postgres/projects/p/branches/b/databases/shop/data-api"
                                              "?update_mask=spec.server_cors_allowed_origins",
                                              R"({"spec":{"server_cors_allowed_origins":[]}})"));
}

}  // namespace
}  // namespace lakebase::tests
