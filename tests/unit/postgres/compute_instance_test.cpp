#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/postgres_client.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;

TEST(GetComputeInstance, ReadsWhatTheServiceTells) {
  auto const wire = script({{200, R"({
    "name":"projects/p/branches/b/endpoints/primary/compute-instances/c-1","compute_instance_id":"c-1",
    "compute_host":"c-1.example.com","current_state":"IDLE","pending_state":"ACTIVE","role":"HOT_STANDBY",
    "start_time":"2026-08-19T10:00:00Z","suspend_time":"2026-08-19T11:00:00Z"})"}});
  auto const compute =
      client_over(wire).get_compute_instance("projects/p/branches/b/endpoints/primary/compute-instances/c-1");
  EXPECT_THAT(wire->only_request(),
              IsRequest("GET", "/api/2.0/postgres/projects/p/branches/b/endpoints/primary/compute-instances/c-1"));
  EXPECT_EQ(compute, (ComputeInstance{.name = "projects/p/branches/b/endpoints/primary/compute-instances/c-1",
                                      .compute_instance_id = "c-1",
                                      .compute_host = "c-1.example.com",
                                      .current_state = ComputeInstanceComputeState::idle,
                                      .pending_state = ComputeInstanceComputeState::active,
                                      .role = ComputeInstanceComputeType::hot_standby,
                                      .start_time = Timestamp::parse("2026-08-19T10:00:00Z"),
                                      .suspend_time = Timestamp::parse("2026-08-19T11:00:00Z")}));
}

TEST(ListComputeInstances, FollowsTokensAndKeepsItsOptions) {
  auto const wire = script({{200, R"({"compute_instances":[{"compute_instance_id":"a"}],"next_page_token":"t=1"})"},
                            {200, R"({"next_page_token":"t2"})"},
                            {200, R"({"compute_instances":[{"compute_instance_id":"b"}]})"}});
  auto const computes =
      client_over(wire).list_compute_instances("projects/p/branches/b/endpoints/e", {.page_size = 1000}).to_vector();
  ASSERT_EQ(computes.size(), 2U);
  EXPECT_EQ(computes[1].compute_instance_id, "b");
  auto const requests = wire->requests();
  ASSERT_EQ(requests.size(), 3U);
  std::string const first = "/api/2.0/postgres/projects/p/branches/b/endpoints/e/compute-instances?page_size=1000";
  EXPECT_THAT(requests[0], IsRequest("GET", first));
  EXPECT_THAT(requests[1], IsRequest("GET", first + "&page_token=t%3D1"));
  EXPECT_THAT(requests[2], IsRequest("GET", first + "&page_token=t2"));
}

TEST(ListComputeInstances, StartsWhereItIsTold) {
  auto const wire = script({{200, "{}"}});
  auto const parent = "projects/p/branches/b/endpoints/e";
  EXPECT_TRUE(client_over(wire).list_compute_instances(parent, {.page_token = "t1"}).to_vector().empty());
  EXPECT_THAT(wire->only_request(),
              IsRequest("GET", "/api/2.0/postgres/projects/p/branches/b/endpoints/e/compute-instances?page_token=t1"));
}

}  // namespace
}  // namespace lakebase::tests
