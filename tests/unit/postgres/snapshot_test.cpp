#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/postgres_client.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;
using namespace std::chrono_literals;

constexpr auto snapshot_operation = R"({"name":"projects/p/snapshots/monday/operations/1","done":false})";

TEST(CreateSnapshot, SendsIdInQueryAndSpecInBody) {
  auto const wire = script({{200, snapshot_operation}});
  auto const started = client_over(wire).create_snapshot(
      "projects/p",
      Snapshot{.spec = SnapshotSpec{.source_branch = "projects/p/branches/production",
                                    .source_branch_time = Timestamp::parse("2026-08-01T10:00:00Z"),
                                    .ttl = 720h}},
      "monday");
  EXPECT_THAT(wire->only_request(), IsRequest("POST", "/api/2.0/postgres/projects/p/snapshots?snapshot_id=monday",
                                              R"({"spec":{"source_branch":"projects/p/branches/production",
                            "source_branch_time":"2026-08-01T10:00:00Z","ttl":"2592000s"}})"));
  EXPECT_EQ(started.name(), "projects/p/snapshots/monday/operations/1");
}

TEST(CreateSnapshot, SendsALogPositionAndNoExpiry) {
  auto const wire = script({{200, snapshot_operation}});
  static_cast<void>(
      client_over(wire).create_snapshot("projects/p",
                                        Snapshot{.spec = SnapshotSpec{.source_branch = "projects/p/branches/production",
                                                                      .no_expiry = true,
                                                                      .source_branch_lsn = "16/B374D848"}},
                                        "monday"));
  EXPECT_THAT(wire->only_request(), IsRequest("POST", "/api/2.0/postgres/projects/p/snapshots?snapshot_id=monday",
                                              R"({"spec":{"source_branch":"projects/p/branches/production",
                                                  "no_expiry":true,"source_branch_lsn":"16/B374D848"}})"));
}

TEST(DeleteSnapshot, DeletesByName) {
  auto const wire = script({{200, snapshot_operation}});
  static_cast<void>(client_over(wire).delete_snapshot("projects/p/snapshots/monday"));
  EXPECT_THAT(wire->only_request(), IsRequest("DELETE", "/api/2.0/postgres/projects/p/snapshots/monday"));
}

TEST(GetSnapshot, ReadsByName) {
  auto const wire = script({{200, R"({"name":"projects/p/snapshots/monday","snapshot_id":"monday","uid":"snap-1",
    "create_time":"2026-08-03T00:00:00Z","status":{"source_branch":"projects/p/branches/production",
    "expire_time":"2026-09-02T00:00:00Z","full_size_bytes":"8796093022208","diff_size_bytes":0,
    "no_expiry":false}})"}});
  auto const snapshot = client_over(wire).get_snapshot("projects/p/snapshots/monday");
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/postgres/projects/p/snapshots/monday"));
  EXPECT_EQ(snapshot.snapshot_id, "monday");
  EXPECT_EQ(snapshot.uid, "snap-1");
  EXPECT_EQ(snapshot.status, (SnapshotStatus{.diff_size_bytes = 0,
                                             .expire_time = Timestamp::parse("2026-09-02T00:00:00Z"),
                                             .full_size_bytes = 8796093022208,
                                             .no_expiry = false,
                                             .source_branch = "projects/p/branches/production"}));
}

TEST(ListSnapshots, FollowsTokensAndKeepsItsOptions) {
  auto const wire = script({{200, R"({"snapshots":[{"snapshot_id":"a"}],"next_page_token":"t 1"})"},
                            {200, R"({"next_page_token":"t2"})"},
                            {200, R"({"snapshots":[{"snapshot_id":"b"}]})"}});
  auto const listed = client_over(wire).list_snapshots("projects/p", {.page_size = 2}).to_vector();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].snapshot_id, "a");
  EXPECT_EQ(listed[1].snapshot_id, "b");
  auto const requests = wire->requests();
  ASSERT_EQ(requests.size(), 3U);
  std::string const first = "/api/2.0/postgres/projects/p/snapshots?page_size=2";
  EXPECT_THAT(requests[0], IsRequest("GET", first));
  EXPECT_THAT(requests[1], IsRequest("GET", first + "&page_token=t%201"));
  EXPECT_THAT(requests[2], IsRequest("GET", first + "&page_token=t2"));
}

TEST(ListSnapshots, StartsAtAToken) {
  auto const wire = script({{200, "{}"}});
  EXPECT_TRUE(client_over(wire).list_snapshots("projects/p", {.page_token = "t9"}).to_vector().empty());
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/postgres/projects/p/snapshots?page_token=t9"));
}

}  // namespace
}  // namespace lakebase::tests
