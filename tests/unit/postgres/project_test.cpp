#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/postgres_client.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;

using namespace std::chrono_literals;

constexpr auto project_operation = R"({"name":"projects/my-app/operations/1","done":false})";

TEST(CreateProject, SendsIdInQueryAndSpecInBody) {
  auto const wire = script({{200, project_operation}});
  auto const started = client_over(wire).create_project(
      Project{.spec = ProjectSpec{.display_name = "My Application", .pg_version = 17}}, "my-app");
  EXPECT_THAT(wire->only_request(), IsRequest("POST", "/api/2.0/postgres/projects?project_id=my-app",
                                              R"({"spec":{"display_name":"My Application","pg_version":17}})"));
  EXPECT_EQ(started.name(), "projects/my-app/operations/1");
}

TEST(CreateProject, SendsWhatItsFirstResourcesAreLike) {
  auto const wire = script({{200, project_operation}});
  static_cast<void>(client_over(wire).create_project(
      Project{.initial_branch_spec = InitialBranchSpec{.is_protected = true},
              .initial_database_spec = InitialDatabaseSpec{.postgres_database = "shop"},
              .initial_endpoint_spec = InitialEndpointSpec{.autoscaling_limit_max_cu = 4.0,
                                                           .autoscaling_limit_min_cu = 0.5,
                                                           .group = EndpointGroupSpec{.min = 2, .max = 2},
                                                           .no_suspension = true},
              .initial_role_spec = InitialRoleSpec{.attributes = RoleAttributes{.createdb = true},
                                                   .auth_method = RoleAuthMethod::lakebase_oauth_v1,
                                                   .identity_type = RoleIdentityType::user,
                                                   .membership_roles = {RoleMembershipRole::databricks_superuser},
                                                   .postgres_role = "ann@example.com"}},
      "my-app"));
  EXPECT_THAT(wire->only_request(), IsRequest("POST", "/api/2.0/postgres/projects?project_id=my-app", R"({
    "initial_branch_spec":{"is_protected":true},
    "initial_database_spec":{"postgres_database":"shop"},
    "initial_endpoint_spec":{"autoscaling_limit_max_cu":4.0,"autoscaling_limit_min_cu":0.5,
      "group":{"min":2,"max":2},"no_suspension":true},
    "initial_role_spec":{"attributes":{"createdb":true},"auth_method":"LAKEBASE_OAUTH_V1","identity_type":"USER",
      "membership_roles":["DATABRICKS_SUPERUSER"],"postgres_role":"ann@example.com"}})"));
}

TEST(CreateProject, WaitsForTheFinishedProject) {
  auto const wire = script(
      {{200, project_operation}, {200, project_operation}, {200, R"({"name":"projects/my-app/operations/1","done":true,
        "response":{"@type":"type.googleapis.com/databricks.postgres.v1.Project","name":"projects/my-app"}})"}});
  auto const project = client_over(wire).create_project({}, "my-app").wait();
  EXPECT_EQ(project.name, "projects/my-app");
  EXPECT_THAT(wire->requests().back(), IsRequest("GET", "/api/2.0/postgres/projects/my-app/operations/1"));
}

TEST(DeleteProject, SendsNoOptionUnasked) {
  auto const wire = script({{200, project_operation}});
  static_cast<void>(client_over(wire).delete_project("projects/my-app"));
  EXPECT_THAT(wire->only_request(), IsRequest("DELETE", "/api/2.0/postgres/projects/my-app"));
}

TEST(DeleteProject, SendsItsOptions) {
  auto const wire = script({{200, project_operation}});
  static_cast<void>(client_over(wire).delete_project("projects/my-app", {.purge = true}));
  EXPECT_THAT(wire->only_request(), IsRequest("DELETE", "/api/2.0/postgres/projects/my-app?purge=true"));
}

TEST(GetProject, ReadsWhatTheServiceTells) {
  auto const wire = script({{200, R"({
    "name":"projects/my-app","project_id":"my-app","uid":"6f1c9a52-6f4e-4d0e-9d5a-0f8b1c2d3e4f",
    "create_time":"2026-08-19T10:00:00.123456789Z","update_time":"2026-08-19T10:00:05Z",
    "delete_time":"2026-08-20T00:00:00Z","purge_time":"2026-08-27T00:00:00Z",
    "status":{
      "project_id":"my-app","display_name":"My Application","pg_version":17,"owner":"ann@example.com",
      "default_branch":"projects/my-app/branches/production","enable_pg_native_login":false,
      "history_retention_duration":"604800s","branch_logical_size_limit_bytes":8796093022208,
      "synthetic_storage_size_bytes":"9223372036854775807","budget_policy_id":"b-1","compute_provisioner":"c",
      "compute_last_active_time":"2026-08-19T11:00:00Z","replication_role":"REPLICATION_ROLE_PREVIEW_SECONDARY",
      "custom_tags":[{"key":"team","value":"shop"},{"key":"empty","value":""}],
      "default_endpoint_settings":{"autoscaling_limit_min_cu":1,"autoscaling_limit_max_cu":1.5,
        "suspend_timeout_duration":"86400s","pg_settings":{"work_mem":"64MB"}}}})"}});
  auto const project = client_over(wire).get_project("projects/my-app");
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/postgres/projects/my-app"));
  EXPECT_EQ(project.name, "projects/my-app");
  EXPECT_EQ(project.project_id, "my-app");
  EXPECT_EQ(project.uid, "6f1c9a52-6f4e-4d0e-9d5a-0f8b1c2d3e4f");
  EXPECT_EQ(project.create_time, Timestamp::parse("2026-08-19T10:00:00.123456789Z"));
  EXPECT_EQ(project.update_time, Timestamp::parse("2026-08-19T10:00:05Z"));
  EXPECT_EQ(project.delete_time, Timestamp::parse("2026-08-20T00:00:00Z"));
  EXPECT_EQ(project.purge_time, Timestamp::parse("2026-08-27T00:00:00Z"));
  EXPECT_EQ(project.spec, std::nullopt);
  auto const& status = project.status.value();
  EXPECT_EQ(status.project_id, "my-app");
  EXPECT_EQ(status.display_name, "My Application");
  EXPECT_EQ(status.pg_version, 17);
  EXPECT_EQ(status.owner, "ann@example.com");
  EXPECT_EQ(status.default_branch, "projects/my-app/branches/production");
  EXPECT_EQ(status.enable_pg_native_login, false);
  EXPECT_EQ(status.history_retention_duration, 168h);
  EXPECT_EQ(status.branch_logical_size_limit_bytes, 8'796'093'022'208);
  EXPECT_EQ(status.synthetic_storage_size_bytes, 9'223'372'036'854'775'807);
  EXPECT_EQ(status.budget_policy_id, "b-1");
  EXPECT_EQ(status.compute_provisioner, "c");
  EXPECT_EQ(status.compute_last_active_time, Timestamp::parse("2026-08-19T11:00:00Z"));
  EXPECT_EQ(status.replication_role, ReplicationRolePreview::secondary);
  EXPECT_THAT(status.custom_tags, ::testing::ElementsAre(ProjectCustomTag{.key = "team", .value = "shop"},
                                                         ProjectCustomTag{.key = "empty", .value = ""}));
  EXPECT_EQ(status.default_endpoint_settings, (ProjectDefaultEndpointSettings{.autoscaling_limit_max_cu = 1.5,
                                                                              .autoscaling_limit_min_cu = 1.0,
                                                                              .pg_settings = {{"work_mem", "64MB"}},
                                                                              .suspend_timeout_duration = 24h}));
}

TEST(GetProject, RefusesAnEmptyName) {
  auto const wire = script({});
  EXPECT_THROW(static_cast<void>(client_over(wire).get_project("")), InvalidArgument);
  EXPECT_TRUE(wire->requests().empty());
}

TEST(ListProjects, FollowsTokensAndKeepsItsOptions) {
  auto const wire = script({{200, R"({"projects":[{"project_id":"a"}],"next_page_token":"t/1"})"},
                            {200, R"({"projects":[],"next_page_token":"t2"})"},
                            {200, R"({"projects":[{"project_id":"b"},{"project_id":"c"}],"next_page_token":""})"}});
  auto const projects = client_over(wire).list_projects({.page_size = 100, .show_deleted = false}).to_vector();
  ASSERT_EQ(projects.size(), 3U);
  EXPECT_EQ(projects[0].project_id, "a");
  EXPECT_EQ(projects[2].project_id, "c");
  auto const requests = wire->requests();
  ASSERT_EQ(requests.size(), 3U);
  std::string const first = "/api/2.0/postgres/projects?page_size=100&show_deleted=false";
  EXPECT_THAT(requests[0], IsRequest("GET", first));
  EXPECT_THAT(requests[1], IsRequest("GET", first + "&page_token=t%2F1"));
  EXPECT_THAT(requests[2], IsRequest("GET", first + "&page_token=t2"));
}

TEST(ListProjects, StartsWhereItIsTold) {
  auto const wire = script({{200, "{}"}});
  EXPECT_TRUE(client_over(wire).list_projects({.page_token = "t1"}).to_vector().empty());
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/postgres/projects?page_token=t1"));
}

TEST(UndeleteProject, PostsAnEmptyObject) {
  auto const wire = script({{200, project_operation}});
  static_cast<void>(client_over(wire).undelete_project("projects/my-app"));
  EXPECT_THAT(wire->only_request(), IsRequest("POST", "/api/2.0/postgres/projects/my-app/undelete", "{}"));
}

TEST(UpdateProject, SendsMaskAndBody) {
  auto const wire = script({{200, project_operation}});
  static_cast<void>(client_over(wire).update_project(
      "projects/my-app",
      Project{.spec = ProjectSpec{.budget_policy_id = "b-1",
                                  .custom_tags = {{.key = "team", .value = "shop"}},
                                  .default_branch = "projects/my-app/branches/main",
                                  .default_endpoint_settings =
                                      ProjectDefaultEndpointSettings{.pg_settings = {{"work_mem", "64MB"}},
                                                                     .suspend_timeout_duration = 5min},
                                  .enable_pg_native_login = false,
                                  .history_retention_duration = 48h}},
      FieldMask{"spec"}));
  EXPECT_THAT(wire->only_request(),
              IsRequest("PATCH", "/api/2.0/postgres/projects/my-app?update_mask=spec", R"({"spec":{
    "budget_policy_id":"b-1","custom_tags":[{"key":"team","value":"shop"}],
    "default_branch":"projects/my-app/branches/main",
    "default_endpoint_settings":{"pg_settings":{"work_mem":"64MB"},"suspend_timeout_duration":"300s"},
    "enable_pg_native_login":false,"history_retention_duration":"172800s"}})"));
}

TEST(UpdateProject, ClearsTheTagsThatItsMaskNames) {
  auto const wire = script({{200, project_operation}});
  static_cast<void>(client_over(wire).update_project("projects/my-app",
                                                     Project{.spec = ProjectSpec{.display_name = "Shop"}},
                                                     FieldMask{"spec.custom_tags", "spec.display_name"}));
  EXPECT_THAT(wire->only_request(),
              IsRequest("PATCH", "/api/2.0/postgres/projects/my-app?update_mask=spec.custom_tags%2Cspec.display_name",
                        R"({"spec":{"custom_tags":[],"display_name":"Shop"}})"));
}

}  // namespace
}  // namespace lakebase::tests
