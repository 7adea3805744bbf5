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

constexpr auto primary = "projects/my-app/branches/production/endpoints/primary";
constexpr auto endpoint_operation =
    R"({"name":"projects/my-app/branches/production/endpoints/primary/operations/1","done":false})";

TEST(CreateEndpoint, SendsIdInQueryAndSpecInBody) {
  auto const wire = script({{200, endpoint_operation}});
  auto const started = client_over(wire).create_endpoint(
      "projects/my-app/branches/production",
      Endpoint{.spec = EndpointSpec{.endpoint_type = EndpointType::read_only,
                                    .autoscaling_limit_max_cu = 8.0,
                                    .autoscaling_limit_min_cu = 0.5,
                                    .disabled = false,
                                    .settings = EndpointSettings{.pg_settings = {{"work_mem", "64MB"}}},
                                    .suspend_timeout_duration = 5min}},
      "replica");
  EXPECT_THAT(wire->only_request(),
              IsRequest("POST", "/api/2.0/postgres/projects/my-app/branches/production/endpoints?endpoint_id=replica",
                        R"({"spec":{"endpoint_type":"ENDPOINT_TYPE_READ_ONLY","autoscaling_limit_max_cu":8.0,
                    "autoscaling_limit_min_cu":0.5,"disabled":false,"settings":{"pg_settings":{"work_mem":"64MB"}},
                    "suspend_timeout_duration":"300s"}})"));
  EXPECT_EQ(started.name(), "projects/my-app/branches/production/endpoints/primary/operations/1");
}

TEST(CreateEndpoint, SendsReplaceExistingWhenAsked) {
  auto const wire = script({{200, endpoint_operation}});
  static_cast<void>(client_over(wire).create_endpoint(
      "projects/my-app/branches/production",
      Endpoint{.spec = EndpointSpec{.endpoint_type = EndpointType::read_write,
                                    .group = EndpointGroupSpec{.min = 2, .max = 2, .enable_readable_secondaries = true},
                                    .no_suspension = true}},
      "primary", {.replace_existing = true}));
  EXPECT_THAT(wire->only_request(), IsRequest("POST",
                                              "/api/2.0/postgres/projects/my-app/branches/production/endpoints"
                                              "?endpoint_id=primary&replace_existing=true",
                                              R"({"spec":{"endpoint_type":"ENDPOINT_TYPE_READ_WRITE",
                            "group":{"min":2,"max":2,"enable_readable_secondaries":true},"no_suspension":true}})"));
}

TEST(DeleteEndpoint, DeletesByName) {
  auto const wire = script({{200, endpoint_operation}});
  static_cast<void>(client_over(wire).delete_endpoint(primary));
  EXPECT_THAT(wire->only_request(),
              IsRequest("DELETE", "/api/2.0/postgres/projects/my-app/branches/production/endpoints/primary"));
}

TEST(GetEndpoint, ReadsWhatTheServiceTells) {
  auto const wire = script({{200, R"({
    "name":"projects/my-app/branches/production/endpoints/primary","endpoint_id":"primary",
    "parent":"projects/my-app/branches/production","uid":"ep-quiet-lake-1a2b3c4d",
    "create_time":"2026-08-19T10:00:00Z","update_time":"2026-08-19T10:00:05Z",
    "status":{"endpoint_id":"primary","endpoint_type":"ENDPOINT_TYPE_READ_WRITE","current_state":"ACTIVE",
      "pending_state":"RESTARTING","disabled":false,"autoscaling_limit_min_cu":0.5,"autoscaling_limit_max_cu":16,
      "suspend_timeout_duration":"86400s","settings":{},"last_active_time":"2026-08-19T11:00:00Z",
      "group":{"min":1,"max":1,"enable_readable_secondaries":false},
      "hosts":{"host":"ep-quiet-lake-1a2b3c4d.database.us-east-1.cloud.databricks.com","read_only_host":"ro",
        "read_only_pooled_host":"ro-pooler","read_write_pooled_host":"rw-pooler"}}})"}});
  auto const endpoint = client_over(wire).get_endpoint(primary);
  EXPECT_THAT(wire->only_request(),
              IsRequest("GET", "/api/2.0/postgres/projects/my-app/branches/production/endpoints/primary"));
  EXPECT_EQ(endpoint.name, primary);
  EXPECT_EQ(endpoint.endpoint_id, "primary");
  EXPECT_EQ(endpoint.parent, "projects/my-app/branches/production");
  EXPECT_EQ(endpoint.uid, "ep-quiet-lake-1a2b3c4d");
  EXPECT_EQ(endpoint.create_time, Timestamp::parse("2026-08-19T10:00:00Z"));
  EXPECT_EQ(endpoint.update_time, Timestamp::parse("2026-08-19T10:00:05Z"));
  auto const& status = endpoint.status.value();
  EXPECT_EQ(status.endpoint_id, "primary");
  EXPECT_EQ(status.endpoint_type, EndpointType::read_write);
  EXPECT_EQ(status.current_state, EndpointStatusState::active);
  EXPECT_EQ(status.pending_state->value(), EndpointStatusState::unrecognized);
  EXPECT_EQ(status.pending_state->wire(), "RESTARTING");
  EXPECT_EQ(status.disabled, false);
  EXPECT_EQ(status.autoscaling_limit_min_cu, 0.5);
  EXPECT_EQ(status.autoscaling_limit_max_cu, 16.0);
  EXPECT_EQ(status.suspend_timeout_duration, 24h);
  EXPECT_EQ(status.settings, EndpointSettings{});
  EXPECT_EQ(status.last_active_time, Timestamp::parse("2026-08-19T11:00:00Z"));
  EXPECT_EQ(status.group, (EndpointGroupStatus{.min = 1, .max = 1, .enable_readable_secondaries = false}));
  EXPECT_EQ(status.hosts, (EndpointHosts{.host = "ep-quiet-lake-1a2b3c4d.database.us-east-1.cloud.databricks.com",
                                         .read_only_host = "ro",
                                         .read_only_pooled_host = "ro-pooler",
                                         .read_write_pooled_host = "rw-pooler"}));
}

TEST(ListEndpoints, FollowsTokensAndKeepsItsOptions) {
  auto const wire = script({{200, R"({"endpoints":[{"endpoint_id":"a"}],"next_page_token":"t+1"})"},
                            {200, R"({"next_page_token":"t2"})"},
                            {200, R"({"endpoints":[{"endpoint_id":"b"}]})"}});
  auto const endpoints = client_over(wire).list_endpoints("projects/p/branches/b", {.page_size = 1}).to_vector();
  ASSERT_EQ(endpoints.size(), 2U);
  EXPECT_EQ(endpoints[1].endpoint_id, "b");
  auto const requests = wire->requests();
  ASSERT_EQ(requests.size(), 3U);
  std::string const first = "/api/2.0/postgres/projects/p/branches/b/endpoints?page_size=1";
  EXPECT_THAT(requests[0], IsRequest("GET", first));
  EXPECT_THAT(requests[1], IsRequest("GET", first + "&page_token=t%2B1"));
  EXPECT_THAT(requests[2], IsRequest("GET", first + "&page_token=t2"));
}

TEST(ListEndpoints, StartsWhereItIsTold) {
  auto const wire = script({{200, "{}"}});
  EXPECT_TRUE(client_over(wire).list_endpoints("projects/p/branches/b", {.page_token = "t1"}).to_vector().empty());
  EXPECT_THAT(wire->only_request(),
              IsRequest("GET", "/api/2.0/postgres/projects/p/branches/b/endpoints?page_token=t1"));
}

TEST(UpdateEndpoint, SendsMaskAndBody) {
  auto const wire = script({{200, endpoint_operation}});
  static_cast<void>(client_over(wire).update_endpoint(
      primary, Endpoint{.spec = EndpointSpec{.autoscaling_limit_max_cu = 8.0, .autoscaling_limit_min_cu = 2.0}},
      FieldMask{"spec.autoscaling_limit_min_cu", "spec.autoscaling_limit_max_cu"}));
  EXPECT_THAT(wire->only_request(),
              IsRequest("PATCH",
                        "/api/2.0/postgres/projects/my-app/branches/production/endpoints/primary"
                        "?update_mask=spec.autoscaling_limit_min_cu%2Cspec.autoscaling_limit_max_cu",
                        R"({"spec":{"autoscaling_limit_max_cu":8.0,"autoscaling_limit_min_cu":2.0}})"));
}

TEST(UpdateEndpoint, ClearsTheServerParametersThatItsMaskNames) {
  auto const wire = script({{200, endpoint_operation}});
  static_cast<void>(client_over(wire).update_endpoint(
      primary, Endpoint{.spec = EndpointSpec{.settings = EndpointSettings{}}}, FieldMask{"spec.settings.pg_settings"}));
  EXPECT_THAT(wire->only_request(), IsRequest("PATCH",
                                              "/api/2.0/postgres/projects/my-app/branches/production/endpoints/primary"
                                              "?update_mask=spec.settings.pg_settings",
                                              R"({"spec":{"settings":{"pg_settings":{}}}})"));
}

}  // namespace
}  // namespace lakebase::tests
