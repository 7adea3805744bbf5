#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <lakebase/postgres_client.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;
using namespace std::chrono_literals;
using ::testing::MatchesRegex;

constexpr auto group_name = "projects/p/preview/replication-groups/g";
constexpr auto replication_group_operation =
    R"({"name":"projects/p/preview/replication-groups/g/operations/1","done":false})";
// What POSIX regular expressions can say of a random UUID (version 4).

TEST(CreateReplicationGroupPreview, SendsIdsInQueryAndGroupInBody) {
  auto const wire = script({{200, replication_group_operation}});
  auto const started = client_over(wire).create_replication_group_preview(
      "projects/p",
      ReplicationGroupPreview{.replication_mode = ReplicationModePreview::live, .workspaces = {"111", "222"}}, "g",
      {.request_id = "r 1"});
  EXPECT_THAT(wire->only_request(),
              IsRequest("POST",
                        "/api/2.0/postgres/projects/p/preview/replication-groups"
                        "?replication_group_preview_id=g&request_id=r%201",
                        R"({"replication_mode":"REPLICATION_MODE_PREVIEW_LIVE","workspaces":["111","222"]})"));
  EXPECT_EQ(started.name(), "projects/p/preview/replication-groups/g/operations/1");
}

TEST(CreateReplicationGroupPreview, MakesARequestIdWhereNoneIsGiven) {
  auto const wire = script({{200, replication_group_operation}, {200, replication_group_operation}});
  static_cast<void>(client_over(wire).create_replication_group_preview("projects/p", {}, "g"));
  static_cast<void>(client_over(wire).create_replication_group_preview("projects/p", {}, "g", {.request_id = ""}));
  auto const requests = wire->requests();
  ASSERT_EQ(requests.size(), 2U);
  auto const has_uuid = MatchesRegex(".*replication_group_preview_id=g&request_id=" + uuid_pattern);
  EXPECT_THAT(requests[0].url, has_uuid);
  EXPECT_THAT(requests[1].url, has_uuid);
  EXPECT_NE(requests[0].url, requests[1].url);
}

TEST(DeleteReplicationGroupPreview, SendsItsOptions) {
  auto const wire = script({{200, replication_group_operation}});
  static_cast<void>(
      client_over(wire).delete_replication_group_preview(group_name, {.etag = "e/1", .request_id = "r1"}));
  EXPECT_THAT(
      wire->only_request(),
      IsRequest("DELETE", "/api/2.0/postgres/projects/p/preview/replication-groups/g?etag=e%2F1&request_id=r1"));
}

TEST(DeleteReplicationGroupPreview, MakesARequestIdWhereNoneIsGiven) {
  auto const wire = script({{200, replication_group_operation}});
  static_cast<void>(client_over(wire).delete_replication_group_preview(group_name));
  EXPECT_THAT(wire->only_request().url, MatchesRegex(".*/g[?]request_id=" + uuid_pattern));
}

TEST(FailoverReplicationGroupPreview, SendsItsArgumentsInTheBody) {
  auto const wire = script({{200, replication_group_operation}});
  static_cast<void>(
      client_over(wire).failover_replication_group_preview(group_name, "222", {.etag = "e1", .request_id = "r1"}));
  EXPECT_THAT(wire->only_request(),
              IsRequest("POST", "/api/2.0/postgres/projects/p/preview/replication-groups/g/failover",
                        R"({"etag":"e1","request_id":"r1","target_workspace":"222"})"));
}

TEST(FailoverReplicationGroupPreview, MakesARequestIdWhereNoneIsGiven) {
  auto const wire = script({{200, replication_group_operation}});
  static_cast<void>(client_over(wire).failover_replication_group_preview(group_name, "222"));
  auto const body = nlohmann::json::parse(wire->only_request().body);
  EXPECT_THAT(body.at("request_id").get<std::string>(), MatchesRegex(uuid_pattern));
  EXPECT_EQ(body.at("target_workspace"), "222");
  EXPECT_FALSE(body.contains("etag"));
}

TEST(FailoverReplicationGroupPreview, WaitsForTheGroup) {
  auto const wire = script(
      {{200, replication_group_operation}, {200, R"({"name":"projects/p/preview/replication-groups/g/operations/1",
    "done":true,"response":{"name":"projects/p/preview/replication-groups/g","primary_workspace":"222"}})"}});
  auto const moved = client_over(wire).failover_replication_group_preview(group_name, "222").wait();
  EXPECT_EQ(moved.primary_workspace, "222");
}

TEST(GetReplicationGroupPreview, ReadsByName) {
  auto const wire = script({{200, R"({"name":"projects/p/preview/replication-groups/g","parent":"projects/p",
    "replication_mode":"REPLICATION_MODE_PREVIEW_PERIODIC","workspaces":["111","222"],"primary_workspace":"111",
    "state":"REPLICATION_GROUP_PREVIEW_STATE_SWITCHING_OVER","etag":"e1","observed_metrics":{
    "as_of_time":"2026-08-01T10:00:00Z","bytes_lag":"9007199254740993","throughput_bytes_per_second":1048576,
    "time_lag":"1.500s"}})"}});
  auto const read = client_over(wire).get_replication_group_preview(group_name);
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/postgres/projects/p/preview/replication-groups/g"));
  EXPECT_EQ(read.replication_mode, ReplicationModePreview::periodic);
  EXPECT_EQ(read.workspaces, (std::vector<std::string>{"111", "222"}));
  EXPECT_EQ(read.primary_workspace, "111");
  EXPECT_EQ(read.state, ReplicationGroupPreviewState::switching_over);
  EXPECT_EQ(read.etag, "e1");
  EXPECT_EQ(read.observed_metrics, (ReplicationMetricsPreview{.as_of_time = Timestamp::parse("2026-08-01T10:00:00Z"),
                                                              .bytes_lag = 9007199254740993,
                                                              .throughput_bytes_per_second = 1048576,
                                                              .time_lag = 1500ms}));
}

TEST(ListReplicationGroupPreviews, FollowsTokensAndKeepsItsOptions) {
  auto const wire = script({{200, R"({"replication_group_previews":[{"name":"a"}],"next_page_token":"t 1"})"},
                            {200, R"({"next_page_token":"t2"})"},
                            {200, R"({"replication_group_previews":[{"name":"b"}]})"}});
  auto const listed = client_over(wire).list_replication_group_previews("projects/p", {.page_size = 2}).to_vector();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].name, "a");
  EXPECT_EQ(listed[1].name, "b");
  auto const requests = wire->requests();
  ASSERT_EQ(requests.size(), 3U);
  std::string const first = "/api/2.0/postgres/projects/p/preview/replication-groups?page_size=2";
  EXPECT_THAT(requests[0], IsRequest("GET", first));
  EXPECT_THAT(requests[1], IsRequest("GET", first + "&page_token=t%201"));
  EXPECT_THAT(requests[2], IsRequest("GET", first + "&page_token=t2"));
}

TEST(ListReplicationGroupPreviews, StartsAtAToken) {
  auto const wire = script({{200, "{}"}});
  EXPECT_TRUE(
      client_over(wire).list_replication_group_previews("projects/p", {.page_token = "t9"}).to_vector().empty());
  EXPECT_THAT(wire->only_request(),
              IsRequest("GET", "/api/2.0/postgres/projects/p/preview/replication-groups?page_token=t9"));
}

TEST(SwitchoverReplicationGroupPreview, SendsItsArgumentsInTheBody) {
  auto const wire = script({{200, replication_group_operation}});
  static_cast<void>(
      client_over(wire).switchover_replication_group_preview(group_name, "222", {.etag = "e1", .request_id = "r1"}));
  EXPECT_THAT(wire->only_request(),
              IsRequest("POST", "/api/2.0/postgres/projects/p/preview/replication-groups/g/switchover",
                        R"({"etag":"e1","request_id":"r1","target_workspace":"222"})"));
}

TEST(SwitchoverReplicationGroupPreview, MakesARequestIdWhereNoneIsGiven) {
  auto const wire = script({{200, replication_group_operation}});
  static_cast<void>(client_over(wire).switchover_replication_group_preview(group_name, "222"));
  auto const body = nlohmann::json::parse(wire->only_request().body);
  EXPECT_THAT(body.at("request_id").get<std::string>(), MatchesRegex(uuid_pattern));
  EXPECT_EQ(body.at("target_workspace"), "222");
}

TEST(UpdateReplicationGroupPreview, SendsRequestIdMaskAndBody) {
  auto const wire = script({{200, replication_group_operation}});
  static_cast<void>(client_over(wire).update_replication_group_preview(
      group_name, ReplicationGroupPreview{.replication_mode = ReplicationModePreview::periodic, .etag = "e1"},
      FieldMask{"replication_mode"}, {.request_id = "r1"}));
  EXPECT_THAT(wire->only_request(),
              IsRequest("PATCH",
                        "/api/2.0/postgres/projects/p/preview/replication-groups/g"
                        "?request_id=r1&update_mask=replication_mode",
                        R"({"replication_mode":"REPLICATION_MODE_PREVIEW_PERIODIC","etag":"e1"})"));
}

TEST(UpdateReplicationGroupPreview, MakesARequestIdWhereNoneIsGiven) {
  auto const wire = script({{200, replication_group_operation}});
  static_cast<void>(client_over(wire).update_replication_group_preview(group_name, {}, FieldMask{"replication_mode"}));
  EXPECT_THAT(wire->only_request().url,
              MatchesRegex(".*/g[?]request_id=" + uuid_pattern + "&update_mask=replication_mode"));
}

}  // namespace
}  // namespace lakebase::tests
