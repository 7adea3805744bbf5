#include "control_plane_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

class ProjectsTest : public ControlPlaneTest {
 protected:
  Answer create(Json const& body, std::string const& id = "shop") {
    return call("POST", "projects?project_id=" + id, body);
  }
  Answer update(std::string const& mask, Json const& body) {
    return call("PATCH", "projects/shop?update_mask=" + mask, body);
  }
};

TEST_F(ProjectsTest, ComesWithBranchEndpointRoleAndDatabase) {
  auto const project = finished("POST", "projects?project_id=shop", Json::object());
  EXPECT_EQ(project.at("name"), "projects/shop");
  EXPECT_FALSE(project.contains("spec"));
  auto const& status = project.at("status");
  EXPECT_EQ(status.at("project_id"), "shop");
  EXPECT_EQ(status.at("display_name"), "shop");
  EXPECT_EQ(status.at("pg_version"), 17);
  EXPECT_EQ(status.at("owner"), "developer@example.com");
  EXPECT_EQ(status.at("default_branch"), production);
  EXPECT_EQ(status.at("default_endpoint_settings").dump(),
            R"({"autoscaling_limit_min_cu":1,"autoscaling_limit_max_cu":1,"suspend_timeout_duration":"86400s"})");
  EXPECT_EQ(status.at("history_retention_duration"), "604800s");
  EXPECT_EQ(status.at("enable_pg_native_login"), false);
  EXPECT_EQ(status.at("branch_logical_size_limit_bytes"), 8796093022208);
  EXPECT_EQ(status.at("synthetic_storage_size_bytes"), 0);

  auto const branch = get(production).body;
  EXPECT_EQ(branch.at("parent"), "projects/shop");
  EXPECT_EQ(branch.at("branch_id"), "production");
  EXPECT_THAT(branch.at("uid").get<std::string>(), ::testing::MatchesRegex("br-[a-z]+-[a-z]+-[0-9a-z]+"));
  EXPECT_EQ(branch.at("status").at("default"), true);
  EXPECT_EQ(branch.at("status").at("is_protected"), false);
  EXPECT_EQ(branch.at("status").at("current_state"), "READY");
  EXPECT_FALSE(branch.at("status").contains("source_branch"));
  EXPECT_FALSE(branch.at("status").contains("expire_time"));

  auto const endpoint = get(primary).body.at("status");
  EXPECT_EQ(endpoint.at("endpoint_type"), "ENDPOINT_TYPE_READ_WRITE");
  EXPECT_EQ(endpoint.at("current_state"), "ACTIVE");
  EXPECT_EQ(endpoint.at("disabled"), false);
  EXPECT_EQ(endpoint.at("settings"), Json::object());
  EXPECT_EQ(endpoint.at("group").dump(), R"({"min":1,"max":1,"enable_readable_secondaries":false})");
  EXPECT_EQ(endpoint.at("hosts").dump(), R"({"host":"127.9.0.1"})");
  EXPECT_EQ(endpoint.at("suspend_timeout_duration"), "86400s");

  auto const role = get(production + std::string("/roles/developer")).body.at("status");
  EXPECT_EQ(role.at("postgres_role"), "developer@example.com");
  EXPECT_EQ(role.at("identity_type"), "USER");
  EXPECT_EQ(role.at("auth_method"), "LAKEBASE_OAUTH_V1");
  EXPECT_EQ(role.at("membership_roles"), Json::array({"DATABRICKS_SUPERUSER"}));
  EXPECT_EQ(role.at("attributes").dump(), R"({"createdb":true,"createrole":true,"bypassrls":true})");

  auto const database = get(production + std::string("/databases/databricks-postgres")).body.at("status");
  EXPECT_EQ(database.at("postgres_database"), "databricks_postgres");
  EXPECT_EQ(database.at("role"), production + std::string("/roles/developer"));

  EXPECT_TRUE(computes->has_call_with(R"(CREATE ROLE "developer@example.com" LOGIN CREATEDB CREATEROLE BYPASSRLS)"));
  EXPECT_TRUE(computes->has_call_with(R"(GRANT databricks_superuser TO "developer@example.com")"));
  EXPECT_TRUE(computes->has_call_with(R"(CREATE DATABASE "databricks_postgres" OWNER "developer@example.com")"));
}

TEST_F(ProjectsTest, KeepsTheProvisionerThatItWasAskedFor) {
  auto const made = finished("POST", "projects?project_id=shop", json(R"({"spec": {"compute_provisioner": "one"}})"));
  EXPECT_EQ(made.at("status").at("compute_provisioner"), "one");
  restart();
  EXPECT_EQ(get("projects/shop").body.at("status").at("compute_provisioner"), "one");
  expect_error(call("PATCH", "projects/shop?update_mask=spec.compute_provisioner",
                    json(R"({"spec": {"compute_provisioner": "two"}})")),
               400, "INVALID_PARAMETER_VALUE", "Unknown field path in update_mask: 'spec.compute_provisioner'");
}

TEST_F(ProjectsTest, TakesWhatIsAskedFor) {
  auto const project = finished("POST", "projects?project_id=shop", json(R"({
    "name": "ignored", "uid": "ignored", "unknown": 1,
    "spec": {"display_name": "Läden", "pg_version": "16", "history_retention_duration": "172800s",
             "enable_pg_native_login": true, "budget_policy_id": "b-1", "unknown": true,
             "custom_tags": [{"key": "team", "value": "x"}, {"key": "empty"}],
             "default_endpoint_settings": {"autoscaling_limit_min_cu": 0.5, "autoscaling_limit_max_cu": 4,
                                           "no_suspension": true, "pg_settings": {"work_mem": "8MB"}}},
    "initial_branch_spec": {"is_protected": true},
    "initial_endpoint_spec": {"autoscaling_limit_max_cu": 8.0, "suspend_timeout_duration": "60s"},
    "initial_database_spec": {"postgres_database": "shop_db"},
    "initial_role_spec": {"postgres_role": "clerk", "attributes": {"createdb": true}}})"));
  auto const& status = project.at("status");
  EXPECT_EQ(status.at("display_name"), "Läden");
  EXPECT_EQ(status.at("pg_version"), 16);
  EXPECT_EQ(status.at("history_retention_duration"), "172800s");
  EXPECT_EQ(status.at("enable_pg_native_login"), true);
  EXPECT_EQ(status.at("budget_policy_id"), "b-1");
  EXPECT_EQ(status.at("custom_tags").size(), 2);
  EXPECT_EQ(status.at("default_endpoint_settings").dump(),
            R"({"autoscaling_limit_min_cu":0.5,"autoscaling_limit_max_cu":4,"no_suspension":true,)"
            R"("pg_settings":{"work_mem":"8MB"}})");
  EXPECT_EQ(get(production).body.at("status").at("is_protected"), true);
  auto const endpoint = get(primary).body.at("status");
  EXPECT_EQ(endpoint.at("autoscaling_limit_min_cu"), 0.5);
  EXPECT_EQ(endpoint.at("autoscaling_limit_max_cu"), 8);
  EXPECT_EQ(endpoint.at("suspend_timeout_duration"), "60s");
  EXPECT_EQ(get(production + std::string("/databases/shop-db")).body.at("status").at("postgres_database"), "shop_db");
  auto const role = get(production + std::string("/roles/clerk")).body.at("status");
  EXPECT_EQ(role.at("identity_type"), "IDENTITY_TYPE_UNSPECIFIED");
  EXPECT_EQ(role.at("auth_method"), "PG_PASSWORD_SCRAM_SHA_256");
  EXPECT_FALSE(role.contains("membership_roles"));
}

TEST_F(ProjectsTest, ChecksIds) {
  expect_error(call("POST", "projects", Json::object()), 400, "INVALID_PARAMETER_VALUE",
               "Field 'project_id' is required, expected non-default value (not \"\")!");
  for (std::string const& id :
       std::vector<std::string>{"Shop", "1shop", "shop-", "sh_op", "-shop", "shöp", std::string(64, 'a')}) {
    expect_error(create(Json::object(), id), 400, "INVALID_PARAMETER_VALUE",
                 "Field project_id must match pattern ^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$, got '" + id + "'.");
  }
  EXPECT_EQ(create(Json::object(), std::string(63, 'a')).status, 200);
  EXPECT_EQ(create(Json::object(), "a").status, 200);
}

struct BadSpec {
  char const* body;
  char const* code;
  char const* part;
};

TEST_F(ProjectsTest, RefusesBadSpecsAndMakesNothing) {
  constexpr auto value = "INVALID_PARAMETER_VALUE";
  constexpr auto form = "MALFORMED_REQUEST";
  BadSpec const cases[] = {
      {R"({"spec": []})", form, "'spec' must be an object"},
      {R"({"spec": {"display_name": 5}})", form, "'spec.display_name' must be a string"},
      {R"({"spec": {"pg_version": 14}})", value, "'spec.pg_version' must be 15, 16, 17 or 18, got 14"},
      {R"({"spec": {"pg_version": "19"}})", value, "'spec.pg_version' must be 15, 16, 17 or 18, got 19"},
      {R"({"spec": {"pg_version": "x"}})", form, "'spec.pg_version' must be an integer"},
      {R"({"spec": {"history_retention_duration": "172799s"}})", value, "between 172800s and 3024000s"},
      {R"({"spec": {"history_retention_duration": "3024001s"}})", value, "between 172800s and 3024000s"},
      {R"({"spec": {"history_retention_duration": "7d"}})", form, "a duration in seconds"},
      {R"({"spec": {"enable_pg_native_login": "yes"}})", form, "true or false"},
      {R"({"spec": {"custom_tags": [{"value": "v"}]}})", value, "'spec.custom_tags.key' is required"},
      {R"({"spec": {"custom_tags": [{"key": "a"}, {"key": "a"}]}})", value, "twice"},
      {R"({"spec": {"default_branch": "projects/shop/branches/other"}})", value, "can only be"},
      {R"({"spec": {"default_endpoint_settings": {"autoscaling_limit_min_cu": 0.25}}})", value,
       "0.5 or a whole number"},
      {R"({"spec": {"default_endpoint_settings": {"autoscaling_limit_max_cu": 1.5}}})", value, "0.5 or a whole number"},
      {R"({"spec": {"default_endpoint_settings": {"autoscaling_limit_min_cu": 2}}})", value, "must not be greater"},
      {R"({"spec": {"default_endpoint_settings": {"autoscaling_limit_max_cu": 18}}})", value, "must not exceed 16"},
      {R"({"spec": {"default_endpoint_settings": {"autoscaling_limit_min_cu": 60, "autoscaling_limit_max_cu": 72}}})",
       value, "are fixed"},
      {R"({"spec": {"default_endpoint_settings": {"autoscaling_limit_min_cu": 113, "autoscaling_limit_max_cu": 113}}})",
       value, "0.5 or a whole number"},
      {R"({"spec": {"default_endpoint_settings": {"suspend_timeout_duration": "59s"}}})", value, "between 60s and"},
      {R"({"spec": {"default_endpoint_settings": {"suspend_timeout_duration": "0s"}}})", value, "between 60s and"},
      {R"({"spec": {"default_endpoint_settings": {"suspend_timeout_duration": "604801s"}}})", value, "between 60s and"},
      {R"({"spec": {"default_endpoint_settings": {"no_suspension": false}}})", value, "can only be true"},
      {R"({"spec": {"default_endpoint_settings": {"no_suspension": true, "suspend_timeout_duration": "60s"}}})", value,
       "Only one of"},
      {R"({"spec": {"default_endpoint_settings": {"pg_settings": {"work_mem": 8}}}})", form, "must be a string"},
      {R"({"spec": {"default_endpoint_settings": {"pg_settings": {"fsync": "off"}}}})", "BAD_REQUEST",
       "cannot be changed"},
      {R"({"initial_endpoint_spec": {"group": {"min": 1, "max": 2}}})", value, "must be equal"},
      {R"({"initial_endpoint_spec": {"group": {"min": 5, "max": 5}}})", value, "must be from 1 to 4"},
      {R"({"initial_endpoint_spec": {"group": {"min": 2, "max": 2}}})", value,
       "'initial_endpoint_spec.no_suspension' must be true"},
      {R"({"initial_role_spec": {"postgres_role": "x", "auth_method": "LAKEBASE_OAUTH_V1"}})", value, "which needs"},
      {R"({"initial_role_spec": {"identity_type": "ROBOT"}})", value, "must be one of"},
      {R"({"initial_role_spec": {"postgres_role": "postgres"}})", "BAD_REQUEST", "role with that name already exists"},
      {R"({"initial_database_spec": {"postgres_database": "postgres"}})", "BAD_REQUEST",
       "database with that name already exists"},
      {R"([1])", form, "must be a JSON object"},
      {R"({"spec": )", form, "not valid JSON"},
  };
  for (auto const& [body, code, part] : cases) {
    auto const reply = raw(request("POST", "/api/2.0/postgres/projects?project_id=shop", body));
    auto const answer = json(reply.body);
    EXPECT_EQ(answer.value("error_code", ""), code) << body;
    EXPECT_THAT(answer.value("message", ""), HasSubstr(part)) << body;
  }
  auto const too_long = Json{{"spec", Json{{"display_name", std::string(257, 'x')}}}};
  EXPECT_THAT(create(too_long).message(), HasSubstr("1 to 256 characters"));
  for (auto const bracket : {'[', '{'}) {
    auto const deep = R"({"spec": )" + std::string(1'000'000, bracket);
    auto const reply = raw(request("POST", "/api/2.0/postgres/projects?project_id=shop", deep));
    EXPECT_THAT(reply.body, HasSubstr("nested too deeply"));
  }
  EXPECT_EQ(get("projects").body, Json::object());
  EXPECT_TRUE(computes->calls().empty());
}

TEST_F(ProjectsTest, FixedSizesAboveTheAutoscalingRange) {
  auto const body = json(
      R"({"spec": {"default_endpoint_settings": {"autoscaling_limit_min_cu": 112, "autoscaling_limit_max_cu": 112}}})");
  EXPECT_EQ(create(body).status, 200);
}

TEST_F(ProjectsTest, RefusesADuplicateLiveOrSoftDeleted) {
  make_project();
  auto const text = "project with such id already exists in the workspace";
  expect_error(create(Json::object()), 409, "ALREADY_EXISTS", text);
  finished("DELETE", "projects/shop");
  expect_error(create(Json::object()), 409, "ALREADY_EXISTS", text);
}

TEST_F(ProjectsTest, NamesWhatIsMissing) {
  for (auto const name : {"projects/none", "projects/none/branches", "projects/none/branches/b",
                          "projects/none/branches/b/endpoints", "projects/none/branches/b/endpoints/e"}) {
    auto const answer = get(name);
    expect_error(answer, 404, "NOT_FOUND", "project id not found");
    EXPECT_THAT(answer.body.at("message").get<std::string>(),
                ::testing::MatchesRegex("project id not found \\[TraceId: [0-9a-f]+\\]"));
  }
}

TEST_F(ProjectsTest, UpdatesWhatTheMaskNamesAndNothingElse) {
  make_project();
  advance(10s);
  auto const body = json(R"({"name": "x", "spec": {"display_name": "New", "enable_pg_native_login": true}})");
  auto const project = finished("PATCH", "projects/shop?update_mask=spec.display_name", body);
  EXPECT_EQ(project.at("status").at("display_name"), "New");
  EXPECT_EQ(project.at("status").at("enable_pg_native_login"), false);
  EXPECT_EQ(project.at("create_time"), "2026-06-01T12:00:00Z");
  EXPECT_EQ(project.at("update_time"), "2026-06-01T12:00:10Z");
}

TEST_F(ProjectsTest, UpdatesTheDefaultsOfEndpoints) {
  make_project();
  auto const settings = json(R"({"spec": {"default_endpoint_settings": {
      "autoscaling_limit_min_cu": 2, "autoscaling_limit_max_cu": 4, "no_suspension": true}}})");
  auto const whole = finished("PATCH", "projects/shop?update_mask=spec.default_endpoint_settings", settings);
  EXPECT_EQ(whole.at("status").at("default_endpoint_settings").at("no_suspension"), true);
  for (std::string const path :
       {"spec.default_endpoint_settings.suspension", "spec.project_default_settings.suspension"}) {
    auto const body = json(R"({"spec": {"default_endpoint_settings": {"suspend_timeout_duration": "120s"}}})");
    auto const project = finished("PATCH", "projects/shop?update_mask=" + path, body);
    EXPECT_EQ(project.at("status").at("default_endpoint_settings").at("suspend_timeout_duration"), "120s") << path;
  }
  auto const leaf =
      finished("PATCH", "projects/shop?update_mask=spec.default_endpoint_settings.autoscaling_limit_max_cu",
               json(R"({"spec":{"default_endpoint_settings":{"autoscaling_limit_max_cu":8}}})"));
  EXPECT_EQ(leaf.at("status").at("default_endpoint_settings").at("autoscaling_limit_max_cu"), 8);
  EXPECT_EQ(get(primary).body.at("status").at("autoscaling_limit_max_cu"), 1) << "endpoints that exist are left alone";
}

TEST_F(ProjectsTest, ClearsTags) {
  make_project(json(R"({"spec": {"custom_tags": [{"key": "a", "value": "b"}]}})"));
  auto const project = finished("PATCH", "projects/shop?update_mask=spec.custom_tags", Json{{"spec", Json::object()}});
  EXPECT_FALSE(project.at("status").contains("custom_tags"));
}

TEST_F(ProjectsTest, UpdateMaskRules) {
  make_project();
  auto const body = json(R"({"spec": {"display_name": "New"}})");
  struct Case {
    char const* mask;
    char const* message;
  };
  for (auto const& [mask, message] : {
           Case{"", "Field 'update_mask' is required, expected non-default value (not \"\")!"},
           Case{"display_name", "Unknown field path in update_mask: 'display_name'"},
           Case{"spec.pg_version", "Unknown field path in update_mask: 'spec.pg_version'"},
           Case{"spec.display_name,status", "Unknown field path in update_mask: 'status'"},
           Case{"uid", "Unknown field path in update_mask: 'uid'"},
           Case{"spec.default_endpoint_settings.no_suspension",
                "Unknown field path in update_mask: 'spec.default_endpoint_settings.no_suspension'"},
           Case{"spec.history_retention_duration",
                "Field 'spec.history_retention_duration' is in update_mask but not provided in request"},
           Case{"spec.default_endpoint_settings.suspension",
                "Field 'spec.default_endpoint_settings.suspension' is in update_mask but not provided in request"},
           Case{"*", "Field 'spec.history_retention_duration' is in update_mask but not provided in request"},
       }) {
    expect_error(update(mask, body), 400, "INVALID_PARAMETER_VALUE", message);
  }
  EXPECT_EQ(get("projects/shop").body.at("status").at("display_name"), "shop");
  EXPECT_EQ(finished("PATCH", "projects/shop?update_mask=initial_branch_spec,initial_endpoint_spec,spec", body)
                .at("status")
                .at("display_name"),
            "New");
  options.update_mask_optional = true;
  reopen();
  EXPECT_EQ(update("", json(R"({"spec": {"display_name": "Newer"}})")).status, 200);
}

TEST_F(ProjectsTest, ReplacesEverythingWithAStar) {
  make_project(json(R"({"spec": {"custom_tags": [{"key": "a", "value": "b"}]}})"));
  auto const project = finished("PATCH", "projects/shop?update_mask=*", json(R"({"spec": {
      "display_name": "All", "history_retention_duration": "259200s", "enable_pg_native_login": true,
      "default_endpoint_settings": {"autoscaling_limit_min_cu": 2, "autoscaling_limit_max_cu": 2,
                                    "suspend_timeout_duration": "300s"}}})"));
  EXPECT_EQ(project.at("status").at("display_name"), "All");
  EXPECT_EQ(project.at("status").at("custom_tags").size(), 1) << "`*` leaves tags alone if the body has none";
}

TEST_F(ProjectsTest, RunsTheVersionThatIsAskedFor) {
  for (int const version : {15, 16, 17, 18}) {
    auto const id = "p" + std::to_string(version);
    auto const project = finished("POST", "projects?project_id=" + id, Json{{"spec", {{"pg_version", version}}}});
    EXPECT_EQ(project.at("status").at("pg_version"), version);
    EXPECT_EQ(computes->branch_version(uid("projects/" + id + "/branches/production")), version);
  }
}

TEST_F(ProjectsTest, RunsTheNewestVersionIfNothingIsAskedForAndSeventeenIsNotFound) {
  computes->set_versions({14, 15, 18});
  make_project();
  EXPECT_EQ(get("projects/shop").body.at("status").at("pg_version"), 18);
}

TEST_F(ProjectsTest, TellsWhatRunsIfTheVersionThatIsAskedForIsNotFound) {
  std::mutex mutex;
  std::vector<std::string> lines;
  options.echo_spec = true;
  options.log = [&](std::string_view line) {
    std::lock_guard const lock{mutex};
    lines.emplace_back(line);
  };
  reopen();
  computes->set_versions({15});
  make_project(json(R"({"spec": {"pg_version": 17}})"));
  auto const project = get("projects/shop").body;
  EXPECT_EQ(project.at("status").at("pg_version"), 15);
  EXPECT_EQ(project.at("spec").at("pg_version"), 17) << "as it was asked for";
  EXPECT_EQ(computes->branch_version(uid(production)), 15);
  for (int const version : {17, 15}) {
    finished("PATCH", "projects/shop?update_mask=spec", Json{{"spec", {{"pg_version", version}}}});
  }
  EXPECT_EQ(update("spec", json(R"({"spec": {"pg_version": 16}})")).status, 400);
  plane.reset();
  EXPECT_THAT(lines, ::testing::ElementsAre(HasSubstr(
                         "project shop runs PostgreSQL 15, because the requested PostgreSQL 17 was not found")));
  options.log = {};
  reopen();
}

TEST_F(ProjectsTest, VersionIsImmutable) {
  make_project(json(R"({"spec": {"pg_version": 16}})"));
  EXPECT_EQ(update("spec", json(R"({"spec": {"pg_version": 17}})")).status, 400);
  finished("PATCH", "projects/shop?update_mask=spec", json(R"({"spec": {"pg_version": 16}})"));
}

TEST_F(ProjectsTest, ChangesItsDefaultBranch) {
  make_project();
  make_branch("next");
  make_branch("short", Json{{"ttl", "3600s"}});
  auto const body = [](std::string const& branch) { return Json{{"spec", Json{{"default_branch", branch}}}}; };
  EXPECT_EQ(update("spec.default_branch", body("projects/other/branches/next")).status, 400);
  EXPECT_EQ(update("spec.default_branch", body("next")).status, 400);
  EXPECT_EQ(update("spec.default_branch", body("projects/shop/branches/none")).status, 404);
  EXPECT_EQ(update("spec.default_branch", body("projects/shop/branches/short")).status, 400);
  finished("PATCH", "projects/shop?update_mask=spec.default_branch", body("projects/shop/branches/next"));
  EXPECT_EQ(get(production).body.at("status").at("default"), false);
  EXPECT_EQ(get("projects/shop/branches/next").body.at("status").at("default"), true);
  expect_error(call("DELETE", "projects/shop/branches/next"), 400, "BAD_REQUEST", "cannot delete the default branch");
}

TEST_F(ProjectsTest, SoftDeleteHidesAndUndeleteBringsBack) {
  make_project();
  auto const address = get(primary).body.at("status").at("hosts").at("host");
  auto const response = finished("DELETE", "projects/shop");
  EXPECT_EQ(response.dump(), R"({"@type":"type.googleapis.com/google.protobuf.Empty"})");
  auto const gone = get("projects/shop").body;
  EXPECT_EQ(gone.at("delete_time"), "2026-06-01T12:00:00Z");
  EXPECT_EQ(gone.at("purge_time"), "2026-06-08T12:00:00Z");
  EXPECT_EQ(get("projects").body, Json::object());
  EXPECT_EQ(get("projects?show_deleted=true").body.at("projects").size(), 1);
  expect_error(get(production), 404, "NOT_FOUND", "project id not found");
  expect_error(call("PATCH", "projects/shop?update_mask=spec", Json{{"spec", Json::object()}}), 404, "NOT_FOUND",
               "project id not found");
  EXPECT_EQ(call("DELETE", "projects/shop").status, 404);
  EXPECT_TRUE(computes->has_call_with("remove_endpoint"));

  finished("POST", "projects/shop/undelete", Json::object());
  EXPECT_FALSE(get("projects/shop").body.contains("delete_time"));
  EXPECT_EQ(get(primary).body.at("status").at("hosts").at("host"), address);
  EXPECT_EQ(call("POST", "projects/shop/undelete").status, 400);
  expect_error(call("POST", "projects/none/undelete"), 404, "NOT_FOUND", "project id not found");
}

TEST_F(ProjectsTest, PurgeFreesTheId) {
  make_project();
  finished("DELETE", "projects/shop?purge=true");
  expect_error(get("projects/shop"), 404, "NOT_FOUND", "project id not found");
  EXPECT_TRUE(computes->has_call_with("remove_branch"));
  make_project();
  finished("DELETE", "projects/shop");
  finished("DELETE", "projects/shop?purge=true");
  make_project();
}

TEST_F(ProjectsTest, SoftDeletedOnesArePurgedInTime) {
  make_project();
  finished("DELETE", "projects/shop");
  advance(7 * 24h - 1s);
  plane->sweep();
  EXPECT_EQ(get("projects/shop").status, 200);
  advance(1s);
  plane->sweep();
  for (int i = 0; i < 1000 && get("projects/shop").status == 200; ++i) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(get("projects/shop").status, 404);
}

TEST_F(ProjectsTest, AProtectedBranchKeepsTheProject) {
  make_project(json(R"({"initial_branch_spec": {"is_protected": true}})"));
  for (auto const query : {"", "?purge=true"}) {
    EXPECT_EQ(call("DELETE", std::string("projects/shop") + query).code(), "BAD_REQUEST");
  }
}

TEST_F(ProjectsTest, EchoesTheSpecWhereAsked) {
  options.echo_spec = true;
  reopen();
  make_project();
  make_branch("dev");
  EXPECT_EQ(get("projects/shop").body.at("spec").at("display_name"), "shop");
  EXPECT_EQ(get("projects/shop/branches/dev").body.at("spec").at("no_expiry"), true);
  EXPECT_EQ(get(primary).body.at("spec").at("endpoint_type"), "ENDPOINT_TYPE_READ_WRITE");
}

}  // namespace
}  // namespace lakebase::emulator::tests
