#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <lakebase/postgres_client.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;
using ::testing::MatchesRegex;

constexpr auto recovery_branch = "projects/p/preview/recovery-branches/r";
constexpr auto recovery_branch_operation =
    R"({"name":"projects/p/preview/recovery-branches/r/operations/1","done":false})";

TEST(DeleteRecoveryBranchPreview, SendsItsOptions) {
  auto const wire = script({{200, recovery_branch_operation}});
  static_cast<void>(client_over(wire).delete_recovery_branch_preview(recovery_branch, {.request_id = "r1"}));
  EXPECT_THAT(wire->only_request(),
              IsRequest("DELETE", "/api/2.0/postgres/projects/p/preview/recovery-branches/r?request_id=r1"));
}

TEST(DeleteRecoveryBranchPreview, MakesARequestIdWhereNoneIsGiven) {
  auto const wire = script({{200, recovery_branch_operation}});
  static_cast<void>(client_over(wire).delete_recovery_branch_preview(recovery_branch));
  EXPECT_THAT(wire->only_request().url, MatchesRegex(".*/r[?]request_id=" + uuid_pattern));
}

TEST(GetRecoveryBranchPreview, ReadsByName) {
  auto const wire = script({{200, R"({"name":"projects/p/preview/recovery-branches/r","parent":"projects/p",
    "uid":"rb-1","status":{"current_state":"READY_FOR_INSPECTION","divergent":false,"end_lsn":"0/2",
    "expire_time":"2026-09-01T00:00:00Z","failover_child_lsn":"0/1","home_workspace":"111","is_foreign":true,
    "origin_branch":"projects/p/branches/production"}})"}});
  auto const read = client_over(wire).get_recovery_branch_preview(recovery_branch);
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/postgres/projects/p/preview/recovery-branches/r"));
  EXPECT_EQ(read.parent, "projects/p");
  EXPECT_EQ(read.uid, "rb-1");
  EXPECT_EQ(read.status,
            (RecoveryBranchPreviewStatus{.current_state = RecoveryBranchPreviewStatusState::ready_for_inspection,
                                         .divergent = false,
                                         .end_lsn = "0/2",
                                         .expire_time = Timestamp::parse("2026-09-01T00:00:00Z"),
                                         .failover_child_lsn = "0/1",
                                         .home_workspace = "111",
                                         .is_foreign = true,
                                         .origin_branch = "projects/p/branches/production"}));
}

TEST(InspectRecoveryBranchPreview, SendsItsArgumentsInTheBody) {
  auto const wire = script({{200, recovery_branch_operation}});
  static_cast<void>(client_over(wire).inspect_recovery_branch_preview(recovery_branch, "look", {.request_id = "r1"}));
  EXPECT_THAT(wire->only_request(),
              IsRequest("POST", "/api/2.0/postgres/projects/p/preview/recovery-branches/r/inspect",
                        R"({"branch_id":"look","request_id":"r1"})"));
}

TEST(InspectRecoveryBranchPreview, MakesARequestIdWhereNoneIsGiven) {
  auto const wire = script({{200, recovery_branch_operation}});
  static_cast<void>(client_over(wire).inspect_recovery_branch_preview(recovery_branch, "look"));
  auto const body = nlohmann::json::parse(wire->only_request().body);
  EXPECT_EQ(body.at("branch_id"), "look");
  EXPECT_THAT(body.at("request_id").get<std::string>(), MatchesRegex(uuid_pattern));
}

TEST(InspectRecoveryBranchPreview, WaitsForTheBranch) {
  auto const wire =
      script({{200, recovery_branch_operation}, {200, R"({"name":"projects/p/preview/recovery-branches/r/operations/1",
    "done":true,"response":{"name":"projects/p/branches/look","branch_id":"look"}})"}});
  auto const branch = client_over(wire).inspect_recovery_branch_preview(recovery_branch, "look").wait();
  EXPECT_EQ(branch.name, "projects/p/branches/look");
}

TEST(ListRecoveryBranchPreviews, FollowsTokensAndKeepsItsOptions) {
  auto const wire = script({{200, R"({"recovery_branch_previews":[{"name":"a"}],"next_page_token":"t 1"})"},
                            {200, R"({"next_page_token":"t2"})"},
                            {200, R"({"recovery_branch_previews":[{"name":"b"}]})"}});
  auto const listed = client_over(wire).list_recovery_branch_previews("projects/p", {.page_size = 2}).to_vector();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].name, "a");
  EXPECT_EQ(listed[1].name, "b");
  auto const requests = wire->requests();
  ASSERT_EQ(requests.size(), 3U);
  std::string const first = "/api/2.0/postgres/projects/p/preview/recovery-branches?page_size=2";
  EXPECT_THAT(requests[0], IsRequest("GET", first));
  EXPECT_THAT(requests[1], IsRequest("GET", first + "&page_token=t%201"));
  EXPECT_THAT(requests[2], IsRequest("GET", first + "&page_token=t2"));
}

TEST(ListRecoveryBranchPreviews, StartsAtAToken) {
  auto const wire = script({{200, "{}"}});
  EXPECT_TRUE(client_over(wire).list_recovery_branch_previews("projects/p", {.page_token = "t9"}).to_vector().empty());
  EXPECT_THAT(wire->only_request(),
              IsRequest("GET", "/api/2.0/postgres/projects/p/preview/recovery-branches?page_token=t9"));
}

}  // namespace
}  // namespace lakebase::tests
