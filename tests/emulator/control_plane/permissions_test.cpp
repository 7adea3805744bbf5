#include "database_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char const* robot = "11111111-2222-3333-4444-555555555555";
constexpr char const* permissions_path = "/api/2.0/permissions/database-projects/shop";

class PermissionsTest : public DatabaseTest {
 protected:
  PermissionsTest() {
    options.groups = {"team"};
    options.service_principals = {{robot, "s3cret", "robot"}};
    reopen();
    make_project();
  }

  Answer permissions(std::string const& method, Json const& body = nullptr,
                     std::string const& where = permissions_path) {
    auto const reply = raw(request(method, where, body.is_null() ? "" : body.dump()));
    return {reply.status, json(reply.body)};
  }
  static Json list(std::vector<Json> const& entries) { return Json{{"access_control_list", entries}}; }
  static Json entry(std::string const& kind, std::string const& who, std::string const& level) {
    return Json{{kind, who}, {"permission_level", level}};
  }
  /// Each direct entry, as `name LEVEL`, and whether the admins' own is there.
  std::vector<std::string> given(Answer const& answer) {
    std::vector<std::string> lines;
    for (auto const& one : answer.body.at("access_control_list")) {
      std::string name;
      for (auto const kind : {"user_name", "group_name", "service_principal_name"}) name += one.value(kind, "");
      for (auto const& permission : one.at("all_permissions")) {
        lines.push_back(name + " " + permission.at("permission_level").get<std::string>() +
                        (permission.at("inherited").get<bool>() ? " inherited" : ""));
      }
    }
    return lines;
  }

  /// A call of the service principal.
  Answer by_robot(std::string const& method, std::string const& target, Json const& body = nullptr) {
    auto const wanted = "grant_type=client_credentials&client_id=" + std::string{robot} + "&client_secret=s3cret";
    auto token = request("POST", "/oidc/v1/token", wanted);
    token.authorization.clear();
    auto call = request(method, target, body.is_null() ? "" : body.dump());
    call.authorization = "Bearer " + json(raw(token).body).at("access_token").get<std::string>();
    auto const reply = raw(call);
    return {reply.status, json(reply.body)};
  }
};

TEST_F(PermissionsTest, AreAtFirstThoseOfTheOwnerAndTheAdmins) {
  auto const answer = permissions("GET");
  EXPECT_EQ(answer.body.dump(),
            R"({"object_id":"/database-projects/shop","object_type":"database-projects","access_control_list":[)"
            R"({"user_name":"developer@example.com","all_permissions":[{"permission_level":"CAN_MANAGE",)"
            R"("inherited":false}],"display_name":"developer"},{"group_name":"admins","all_permissions":[)"
            R"({"permission_level":"CAN_MANAGE","inherited":true,)"
            R"("inherited_from_object":["/database-projects/"]}]}]})");
}

TEST_F(PermissionsTest, PatchAddsAndPutReplaces) {
  EXPECT_THAT(given(permissions("PATCH", list({entry("user_name", "ann@example.com", "CAN_USE"),
                                               entry("group_name", "team", "CAN_MANAGE")}))),
              ElementsAre("developer@example.com CAN_MANAGE", "ann@example.com CAN_USE", "team CAN_MANAGE",
                          "admins CAN_MANAGE inherited"));
  EXPECT_THAT(given(permissions("PATCH", list({entry("user_name", "ann@example.com", "CAN_MANAGE")}))),
              ElementsAre("developer@example.com CAN_MANAGE", "ann@example.com CAN_MANAGE", "team CAN_MANAGE",
                          "admins CAN_MANAGE inherited"));
  EXPECT_THAT(given(permissions("PUT", list({entry("service_principal_name", robot, "CAN_USE")}))),
              ElementsAre(std::string{robot} + " CAN_USE", "admins CAN_MANAGE inherited"));
  EXPECT_THAT(given(permissions("PUT", Json::object())), ElementsAre("admins CAN_MANAGE inherited"));
  EXPECT_THAT(given(permissions("PUT", list({entry("group_name", "admins", "CAN_MANAGE")}))),
              ElementsAre("admins CAN_MANAGE", "admins CAN_MANAGE inherited"));
}

TEST_F(PermissionsTest, SurviveARestart) {
  permissions("PUT", list({entry("user_name", "ann@example.com", "CAN_USE")}));
  restart();
  EXPECT_THAT(given(permissions("GET")), ElementsAre("ann@example.com CAN_USE", "admins CAN_MANAGE inherited"));
}

TEST_F(PermissionsTest, RefuseAllOfARequestThatIsWrongInOnePlace) {
  struct Case {
    Json entry;
    int status;
    char const* code;
    char const* gist;
  };
  std::vector<Case> const cases = {
      {Json::object(), 400, "INVALID_PARAMETER_VALUE", "Exactly one of"},
      {Json{{"user_name", "a@b.c"}, {"group_name", "team"}, {"permission_level", "CAN_USE"}}, 400,
       "INVALID_PARAMETER_VALUE", "Exactly one of"},
      {Json{{"user_name", "a@b.c"}, {"service_principal_name", robot}, {"group_name", "team"}}, 400,
       "INVALID_PARAMETER_VALUE", "Exactly one of"},
      {Json{{"user_name", "a@b.c"}}, 400, "INVALID_PARAMETER_VALUE", "permission_level' is required"},
      {entry("user_name", "a@b.c", "CAN_RUN"), 400, "INVALID_PARAMETER_VALUE", "CAN_USE, CAN_MANAGE, got 'CAN_RUN'"},
      {entry("group_name", "admins", "CAN_USE"), 400, "INVALID_PARAMETER_VALUE", "admins"},
      {entry("user_name", "nobody", "CAN_USE"), 404, "RESOURCE_DOES_NOT_EXIST",
       "Principal: UserName(nobody) does not exist"},
      {entry("service_principal_name", "robot", "CAN_USE"), 404, "RESOURCE_DOES_NOT_EXIST",
       "Principal: ServicePrincipalName(robot) does not exist"},
      {Json{{"user_name", 7}, {"permission_level", "CAN_USE"}}, 400, "MALFORMED_REQUEST", "user_name"},
      {Json{7}, 400, "MALFORMED_REQUEST", "field 'access_control_list[1]' must be an object"},
  };
  auto const before = permissions("GET").body;
  for (auto const& one : cases) {
    for (auto const* method : {"PATCH", "PUT"}) {
      auto const answer = permissions(method, list({entry("group_name", "team", "CAN_USE"), one.entry}));
      EXPECT_EQ(answer.status, one.status) << answer.body;
      EXPECT_EQ(answer.code(), one.code) << answer.body;
      EXPECT_THAT(answer.message(), HasSubstr(one.gist));
      EXPECT_EQ(permissions("GET").body, before);
    }
  }
  expect_error(permissions("GET", nullptr, "/api/2.0/permissions/database-projects/none"), 404, "NOT_FOUND",
               "project id not found");
  expect_error(permissions("PUT", list({}), "/api/2.0/permissions/database-projects/none"), 404, "NOT_FOUND",
               "project id not found");
}

TEST_F(PermissionsTest, HaveTwoLevels) {
  auto const levels =
      permissions("GET", nullptr, std::string{permissions_path} + "/permissionLevels").body.at("permission_levels");
  EXPECT_EQ(levels.at(0).at("permission_level"), "CAN_USE");
  EXPECT_EQ(levels.at(1).at("permission_level"), "CAN_MANAGE");
}

TEST_F(PermissionsTest, CountOnceTheyWereChanged) {
  auto const project = "/api/2.0/postgres/projects/shop";
  auto const credential = Json{{"endpoint", primary}};
  EXPECT_EQ(by_robot("GET", project).status, 200) << "nobody has changed permissions yet";
  permissions("PATCH", list({entry("user_name", "ann@example.com", "CAN_USE")}));
  auto const refused = by_robot("GET", project);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.code(), "PERMISSION_DENIED");
  EXPECT_THAT(refused.message(), ::testing::AllOf(HasSubstr("'Can Use'"), HasSubstr("'shop'")));
  EXPECT_EQ(by_robot("POST", "/api/2.0/postgres/credentials", credential).status, 403);
  EXPECT_EQ(by_robot("GET", "/api/2.0/postgres/projects").body.value("projects", Json::array()).size(), 0U);
  permissions("PATCH", list({entry("service_principal_name", robot, "CAN_USE")}));
  EXPECT_EQ(by_robot("GET", project).status, 200);
  EXPECT_EQ(by_robot("GET", std::string{project} + "/branches").status, 200);
  EXPECT_EQ(by_robot("GET", "/api/2.0/postgres/projects").body.at("projects").size(), 1U);
  EXPECT_EQ(by_robot("POST", "/api/2.0/postgres/credentials", credential).status, 200);
  EXPECT_THAT(by_robot("DELETE", project).message(), HasSubstr("'Can Manage'"));
  EXPECT_EQ(by_robot("PATCH", permissions_path, list({entry("service_principal_name", robot, "CAN_MANAGE")})).status,
            403);
  permissions("PUT", list({entry("group_name", "team", "CAN_MANAGE")}));
  EXPECT_EQ(by_robot("PATCH", permissions_path, list({})).status, 200) << "every caller is a member of the groups";
  EXPECT_EQ(call("GET", "projects/shop").status, 200) << "the user is an admin";
}

TEST_F(PermissionsTest, CountForWhatIsRegisteredOfTheProject) {
  auto const api = std::string{"/api/2.0/postgres/"};
  computes->answer("c.relname = ", {{"1"}});
  auto const database = std::string{production} + "/databases/databricks_postgres";
  Json const catalog{{"spec", {{"branch", production}, {"postgres_database", "databricks_postgres"}}}};
  Json const table{{"name", "main.public.lines"}, {"database", database}};
  Json const synced{{"spec", {{"source_table_full_name", "a.b.c"}, {"primary_key_columns", {"id"}}}}};
  finished("POST", "catalogs?catalog_id=lake", catalog);
  finished("POST", "synced_tables?synced_table_id=lake.gold.orders", synced);
  EXPECT_EQ(call("POST", "tables", table).status, 200);
  auto const names = {"catalogs/lake", "synced_tables/lake.gold.orders", "tables/main.public.lines"};
  for (auto const name : names) EXPECT_EQ(by_robot("GET", api + name).status, 200) << name;
  permissions("PUT", list({}));
  for (auto const name : names) {
    EXPECT_THAT(by_robot("GET", api + name).message(), HasSubstr("'Can Use'")) << name;
    EXPECT_THAT(by_robot("DELETE", api + name).message(), HasSubstr("'Can Manage'")) << name;
  }
  auto const refused = [&](std::string const& target, Json const& body) {
    auto const answer = by_robot("POST", api + target, body);
    EXPECT_EQ(answer.status, 403) << target;
    EXPECT_THAT(answer.message(), HasSubstr("'Can Manage'")) << target;
  };
  refused("catalogs?catalog_id=other", catalog);
  refused("synced_tables?synced_table_id=lake.gold.items", synced);
  refused("tables", table);
}

class InstancePermissionsTest : public PermissionsTest {
 protected:
  InstancePermissionsTest() { make_instance("sales"); }

  /// What the service principal may do from now on: nothing if empty.
  void give(std::string const& level) {
    auto const entries = level.empty() ? list({}) : list({entry("service_principal_name", robot, level)});
    EXPECT_EQ(permissions("PUT", entries, path).status, 200);
  }
  void expect_refused(Answer const& answer, std::string const& permission) {
    expect_error(
        answer, 403, "PERMISSION_DENIED",
        std::string{robot} + " does not have '" + permission + "' permission on the database instance 'sales'.");
  }
  static constexpr char const* path = "/api/2.0/permissions/database-instances/sales";
  static constexpr char const* instances = "/api/2.0/database/instances";
  static constexpr char const* api = "/api/2.0/database/";
};

TEST_F(InstancePermissionsTest, AreShownAsThoseOfProjects) {
  auto const answer = permissions("GET", nullptr, path);
  EXPECT_EQ(answer.body.at("object_id"), "/database-instances/sales");
  EXPECT_EQ(answer.body.at("object_type"), "database-instances");
  EXPECT_THAT(given(answer), ElementsAre("developer@example.com CAN_MANAGE", "admins CAN_MANAGE inherited"));
  auto const levels = permissions("GET", nullptr, std::string{path} + "/permissionLevels").body.at("permission_levels");
  EXPECT_EQ(levels.at(0).at("description"), "Can use and connect to the instance");
  expect_error(permissions("GET", nullptr, "/api/2.0/permissions/database-instances/none"), 404, "NOT_FOUND",
               "Database instance 'none' not found");
  expect_error(permissions("GET", nullptr, "/api/2.0/permissions/database-instances/shop"), 404, "NOT_FOUND",
               "Database instance 'shop' not found");
}

TEST_F(InstancePermissionsTest, DecideWhoReadsMintsAndChanges) {
  auto const one = std::string{instances} + "/sales";
  Json const credential{{"instance_names", {"sales"}}};
  auto const uid = instance("sales").body.at("uid").get<std::string>();
  EXPECT_EQ(by_robot("GET", one).status, 200);

  give("");
  for (auto const& target : {one, std::string{instances} + ":findByUid?uid=" + uid, one + "/roles"}) {
    expect_refused(by_robot("GET", target), "Can Use");
  }
  EXPECT_EQ(by_robot("POST", std::string{api} + "credentials", credential).status, 403);
  EXPECT_FALSE(by_robot("GET", instances).body.contains("database_instances"));

  give("CAN_USE");
  EXPECT_EQ(by_robot("GET", one).status, 200);
  EXPECT_EQ(by_robot("GET", instances).body.at("database_instances").size(), 1u);
  EXPECT_EQ(by_robot("POST", std::string{api} + "credentials", credential).status, 200);
  expect_refused(by_robot("PATCH", one + "?update_mask=capacity", Json{{"name", "sales"}, {"capacity", "CU_2"}}),
                 "Can Manage");
  expect_refused(by_robot("POST", instances, Json{{"name", "child"}, {"parent_instance_ref", {{"name", "sales"}}}}),
                 "Can Manage");

  give("CAN_MANAGE");
  EXPECT_EQ(by_robot("PATCH", one + "?update_mask=capacity", Json{{"name", "sales"}, {"capacity", "CU_2"}}).status,
            200);
}

TEST_F(InstancePermissionsTest, CoverWhatIsRegisteredInUnityCatalog) {
  Json const catalog{{"name", "sales_catalog"},
                     {"database_instance_name", "sales"},
                     {"database_name", "shop"},
                     {"create_database_if_not_exists", true}};
  give("CAN_USE");
  EXPECT_EQ(by_robot("POST", std::string{api} + "catalogs", catalog).status, 403);
  EXPECT_EQ(database("POST", "catalogs", catalog).status, 200);
  EXPECT_EQ(by_robot("GET", std::string{api} + "catalogs/sales_catalog").status, 200);
  EXPECT_EQ(by_robot("DELETE", std::string{api} + "catalogs/sales_catalog").status, 403);
  expect_refused(by_robot("POST", std::string{api} + "synced_tables", Json{{"name", "sales_catalog.public.orders"}}),
                 "Can Manage");
  give("");
  EXPECT_EQ(by_robot("GET", std::string{api} + "catalogs/sales_catalog").status, 403);
}

}  // namespace
}  // namespace lakebase::emulator::tests
