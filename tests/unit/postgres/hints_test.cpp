#include <functional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/workspace_client.hpp>

#include "http/error_mapping.hpp"
#include "http/hints.hpp"
#include "postgres/service.hpp"
#include "support/client_over.hpp"

namespace lakebase::detail {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string hint_of(int status, std::string const& message, std::string path = {}) {
  return hint_for({.message = message, .path = std::move(path), .http_status = status}, advice_of_postgres);
}

TEST(PostgresHints, NameTheGroupOfEachMemberOfOne) {
  for (auto const* member : {"ttl", "expire_time", "no_expiry"}) {
    EXPECT_THAT(hint_of(400, std::string{"Unknown field path in update_mask: 'spec."} + member + "'"),
                HasSubstr("name that group in the mask"))
        << member;
    EXPECT_THAT(hint_of(400, std::string{"Unknown field path in update_mask: 'spec."} + member + "'"),
                HasSubstr("spec.expiration"))
        << member;
  }
  for (auto const* member : {"suspend_timeout_duration", "no_suspension"}) {
    EXPECT_THAT(hint_of(400, std::string{"Unknown field path in update_mask: 'spec."} + member + "'"),
                HasSubstr("alternatives of spec.suspension"))
        << member;
    EXPECT_THAT(
        hint_of(400, std::string{"Unknown field path in update_mask: 'spec.default_endpoint_settings."} + member + "'"),
        HasSubstr("alternatives of spec.default_endpoint_settings.suspension"))
        << member;
  }
  EXPECT_THAT(hint_of(400, "Unknown field path in update_mask: 'spec.settings.pg_settings.work_mem'"),
              HasSubstr("masked as a whole: name spec.settings.pg_settings"));
  EXPECT_THAT(hint_of(400, "Unknown field path in update_mask: 'spec.pg_version'"), HasSubstr("is fixed"));
  EXPECT_THAT(hint_of(400, "Unknown field path in update_mask: 'status.state'"), HasSubstr("an update changes spec"));
  EXPECT_THAT(hint_of(400, "Unknown field path in update_mask: 'spec.size'"), HasSubstr("spec.expiration"));
}

TEST(PostgresHints, RecommendNoPathThatIsRefused) {
  for (auto const* message : {"update_mask is required", "Unknown field path in update_mask: 'x'"}) {
    EXPECT_THAT(hint_of(400, message), Not(HasSubstr("spec.ttl"))) << message;
  }
}

TEST(PostgresHints, KnowTheCommonIssues) {
  EXPECT_THAT(hint_of(400, "no storage catalog was given"), HasSubstr("new_pipeline_spec.storage_catalog"));
  EXPECT_THAT(hint_of(400, "Change Data Feed is not enabled on main.a.b"), HasSubstr("delta.enableChangeDataFeed"));
  EXPECT_THAT(hint_of(400, "invalid byte sequence for encoding \"UTF8\": 0x00"), HasSubstr("zero byte"));
  EXPECT_THAT(hint_of(400, "the table was modified outside the sync"),
              HasSubstr("SELECT, CREATE INDEX and DROP TABLE"));
  EXPECT_THAT(hint_of(403, "User does not have USE SCHEMA on Schema 'main.a'"), HasSubstr("on its source"));
  EXPECT_THAT(hint_of(404, "endpoint id not found", "/api/2.0/postgres/projects/p/branches/b/endpoints/ep-primary"),
              HasSubstr("is called \"primary\""));
}

ErrorFacts facts_of(int status, std::string body) {
  return facts_of_response({.status = status, .body = std::move(body)}, {}, {}, {}, advice_of_postgres);
}

TEST(PostgresHints, HelpWithTheWellKnownTraps) {
  for (auto const& [status, message] :
       {std::pair{400, "Field 'spec.ttl' is in update_mask but not provided in request"},
        std::pair{400, "Expiration must be specified when creating a branch"},
        std::pair{400, "Unknown field path in update_mask: 'spec.size'"}, std::pair{400, "update_mask is required"},
        std::pair{400, "the autoscaling range is too wide"},
        std::pair{400, "Cannot delete root branch 'production'. Root branches cannot be deleted independently."},
        std::pair{400, "Cannot delete read-write endpoint 'primary'. Read-write endpoints cannot be deleted."},
        std::pair{400, "read_write endpoint already exists"},
        std::pair{400, "endpoint cannot be deleted for a protected branch"}, std::pair{400, "Lakebase is not enabled"},
        std::pair{403, "User is not authorized to access this workspace"},
        std::pair{403, "User does not have 'Can Manage' on the project"},
        std::pair{409, "project with such id already exists in the workspace"},
        std::pair{400, "cannot delete protected branch"}, std::pair{400, "branch has children"}, std::pair{401, "x"},
        std::pair{403, "Invalid access token."}, std::pair{429, ""}}) {
    EXPECT_FALSE(facts_of(status, std::string{R"({"message":")"} + message + "\"}").hint.empty()) << message;
  }
  EXPECT_TRUE(facts_of(404, R"({"message":"project id not found"})").hint.empty());
}

TEST(PostgresHints, AreOfLakebaseOnly) {
  EXPECT_EQ(hint_for({.message = "branch has children", .http_status = 400}), "");
  EXPECT_THAT(hint_for({.message = "not authorized to access this workspace", .http_status = 403}),
              HasSubstr("Add the identity to the workspace"));
}

TEST(PostgresHints, AreInTheErrorsOfTheClientAndOfCallsByPath) {
  testing::ScriptedAnswer const refused{400, R"({"message":"branch has children"})"};
  auto const wire = tests::script({refused, refused, refused});
  WorkspaceClient const client{tests::config_over(wire)};
  for (auto const& call : {std::function<void()>{[&] { static_cast<void>(client.postgres.get_project("projects/p")); }},
                           std::function<void()>{[&] { client.call("GET", "/api/2.0/postgres/projects/p"); }}}) {
    try {
      call();
      ADD_FAILURE();
    } catch (BadRequest const& error) {
      EXPECT_THAT(error.hint(), HasSubstr("Delete the branches that were made from this one first."));
    }
  }
  try {
    client.call("GET", "/api/2.0/clusters/get");
    ADD_FAILURE();
  } catch (BadRequest const& error) {
    EXPECT_EQ(error.hint(), "") << "another service has other branches";
  }
}

}  // namespace
}  // namespace lakebase::detail
