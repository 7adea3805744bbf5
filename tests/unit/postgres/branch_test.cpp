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

constexpr auto branch_operation = R"({"name":"projects/p/branches/dev/operations/1","done":false})";

TEST(CreateBranch, SendsIdInQueryAndSpecInBody) {
  auto const wire = script({{200, branch_operation}});
  auto const started =
      client_over(wire).create_branch("projects/p", Branch{.spec = BranchSpec{.no_expiry = true}}, "dev");
  EXPECT_THAT(wire->only_request(), IsRequest("POST", "/api/2.0/postgres/projects/p/branches?branch_id=dev",
                                              R"({"spec":{"no_expiry":true}})"));
  EXPECT_EQ(started.name(), "projects/p/branches/dev/operations/1");
}

TEST(CreateBranch, SendsReplaceExistingWhenAsked) {
  auto const wire = script({{200, branch_operation}});
  static_cast<void>(client_over(wire).create_branch("projects/p", Branch{.spec = BranchSpec{.ttl = 168h}}, "production",
                                                    {.replace_existing = true}));
  EXPECT_THAT(wire->only_request(),
              IsRequest("POST", "/api/2.0/postgres/projects/p/branches?branch_id=production&replace_existing=true",
                        R"({"spec":{"ttl":"604800s"}})"));
}

TEST(CreateBranch, WaitsForTheFinishedBranch) {
  auto const wire =
      script({{200, branch_operation}, {200, branch_operation}, {200, R"({"name":"projects/p/branches/dev/operations/1",
    "done":true,"response":{"@type":"type.googleapis.com/databricks.postgres.v1.Branch","name":"projects/p/branches/dev",
    "status":{"current_state":"READY","default":false}}})"}});
  auto const branch = client_over(wire).create_branch("projects/p", {}, "dev").wait();
  EXPECT_EQ(branch.name, "projects/p/branches/dev");
  EXPECT_EQ(branch.status->current_state, BranchStatusState::ready);
  EXPECT_EQ(branch.status->default_, false);
}

TEST(DeleteBranch, SendsItsOptions) {
  auto const wire = script({{200, branch_operation}});
  static_cast<void>(
      client_over(wire).delete_branch("projects/p/branches/dev", {.allow_missing = true, .purge = false}));
  EXPECT_THAT(wire->only_request(),
              IsRequest("DELETE", "/api/2.0/postgres/projects/p/branches/dev?allow_missing=true&purge=false"));
}

TEST(GetBranch, ReadsByName) {
  auto const wire = script({{200, R"({"name":"projects/p/branches/dev","branch_id":"dev"})"}});
  auto const branch = client_over(wire).get_branch("projects/p/branches/dev");
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/postgres/projects/p/branches/dev"));
  EXPECT_EQ(branch.branch_id, "dev");
}

TEST(ListBranches, FollowsTokensAndKeepsItsOptions) {
  auto const wire = script({{200, R"({"branches":[{"branch_id":"a"}],"next_page_token":"t 1"})"},
                            {200, R"({"next_page_token":"t2"})"},
                            {200, R"({"branches":[{"branch_id":"b"}]})"}});
  auto const branches =
      client_over(wire).list_branches("projects/p", {.page_size = 2, .show_deleted = true}).to_vector();
  ASSERT_EQ(branches.size(), 2U);
  EXPECT_EQ(branches[1].branch_id, "b");
  auto const requests = wire->requests();
  ASSERT_EQ(requests.size(), 3U);
  std::string const first = "/api/2.0/postgres/projects/p/branches?page_size=2&show_deleted=true";
  EXPECT_THAT(requests[0], IsRequest("GET", first));
  EXPECT_THAT(requests[1], IsRequest("GET", first + "&page_token=t%201"));
  EXPECT_THAT(requests[2], IsRequest("GET", first + "&page_token=t2"));
}

TEST(UndeleteBranch, PostsAnEmptyObject) {
  auto const wire = script({{200, branch_operation}});
  static_cast<void>(client_over(wire).undelete_branch("projects/p/branches/dev"));
  EXPECT_THAT(wire->only_request(), IsRequest("POST", "/api/2.0/postgres/projects/p/branches/dev/undelete", "{}"));
}

TEST(UpdateBranch, SendsMaskAndBody) {
  auto const wire = script({{200, branch_operation}});
  static_cast<void>(client_over(wire).update_branch(
      "projects/p/branches/dev", Branch{.spec = BranchSpec{.is_protected = true}}, FieldMask{"spec.is_protected"}));
  EXPECT_THAT(wire->only_request(),
              IsRequest("PATCH", "/api/2.0/postgres/projects/p/branches/dev?update_mask=spec.is_protected",
                        R"({"spec":{"is_protected":true}})"));
}

}  // namespace
}  // namespace lakebase::tests
