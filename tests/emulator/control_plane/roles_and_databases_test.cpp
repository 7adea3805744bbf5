#include "control_plane_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class RolesAndDatabasesTest : public ControlPlaneTest {
 protected:
  RolesAndDatabasesTest() { make_project(); }

  static std::string role(std::string const& id) { return std::string(production) + "/roles/" + id; }
  static std::string database(std::string const& id) { return std::string(production) + "/databases/" + id; }

  Answer create_role(std::string const& id, Json const& body, std::string const& query = {}) {
    return call("POST", std::string(production) + "/roles?role_id=" + id + query, body);
  }
  Json made_role(std::string const& id, char const* spec, std::string const& query = {}) {
    return wait(create_role(id, Json{{"spec", json(spec)}}, query)).value("response", Json::object());
  }
  Answer create_database(std::string const& id, Json const& body, std::string const& query = {}) {
    return call("POST", std::string(production) + "/databases?database_id=" + id + query, body);
  }
  Json made_database(std::string const& id, Json const& spec) {
    return wait(create_database(id, Json{{"spec", spec}})).value("response", Json::object());
  }
};

TEST_F(RolesAndDatabasesTest, PlainRole) {
  auto const status = made_role("app", R"({"postgres_role": "app_user"})").at("status");
  EXPECT_EQ(status.dump(), R"({"role_id":"app","postgres_role":"app_user","identity_type":"IDENTITY_TYPE_UNSPECIFIED",)"
                           R"("auth_method":"PG_PASSWORD_SCRAM_SHA_256",)"
                           R"("attributes":{"createdb":false,"createrole":false,"bypassrls":false}})");
  EXPECT_TRUE(
      computes->has_call_with(R"(sql postgres: CREATE ROLE "app_user" LOGIN NOCREATEDB NOCREATEROLE NOBYPASSRLS)"));
}

TEST_F(RolesAndDatabasesTest, RevealsThePasswordThatItHasMade) {
  made_role("app", R"({"postgres_role": "app_user"})");
  auto const answer = call("POST", role("app") + "/password", Json::object());
  ASSERT_EQ(answer.status, 200);
  auto const password = answer.body.at("password").get<std::string>();
  EXPECT_EQ(password.size(), 48);
  EXPECT_TRUE(computes->has_call_with(R"(CREATE ROLE "app_user" LOGIN NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD ')" +
                                      password + "'"));
  EXPECT_EQ(get(role("app")).body.dump().find(password), std::string::npos);
  made_role("app", R"({"postgres_role": "app_user", "attributes": {"createdb": true}})", "&replace_existing=true");
  restart();
  computes->execute("", "", {"CREATE ROLE \"app_user\" LOGIN"});
  EXPECT_EQ(call("POST", role("app") + "/password").body, answer.body) << "it is the same after a restart";
}

TEST_F(RolesAndDatabasesTest, RevealsNoOtherPassword) {
  made_role("app", R"({"postgres_role": "app_user"})");
  made_role("closed", R"({"auth_method": "NO_LOGIN"})");
  expect_error(call("POST", role("developer") + "/password"), 400, "BAD_REQUEST",
               "Role 'projects/shop/branches/production/roles/developer' has no password to reveal: its auth_method is "
               "LAKEBASE_OAUTH_V1, not PG_PASSWORD_SCRAM_SHA_256.");
  EXPECT_THAT(call("POST", role("closed") + "/password").message(), HasSubstr("its auth_method is NO_LOGIN"));
  expect_error(call("POST", role("none") + "/password"), 404, "NOT_FOUND", "role not found; role_id:\"none\"");
  computes->change_password("app_user");
  auto const changed = call("POST", role("app") + "/password");
  EXPECT_EQ(changed.code(), "BAD_REQUEST");
  EXPECT_THAT(changed.message(), HasSubstr("was set by SQL"));
  EXPECT_THAT(changed.message(), HasSubstr("stored as a verifier only, so that it cannot be revealed"));
}

TEST_F(RolesAndDatabasesTest, TheFirstRoleOfAProjectCanHaveAPassword) {
  finished("POST", "projects?project_id=other",
           json(R"({"initial_role_spec": {"postgres_role": "owner", "auth_method": "PG_PASSWORD_SCRAM_SHA_256"}})"));
  auto const answer = call("POST", "projects/other/branches/production/roles/owner/password");
  EXPECT_EQ(answer.body.at("password").get<std::string>().size(), 48) << answer.body.dump(1);
}

TEST_F(RolesAndDatabasesTest, ChildrenHaveTheSamePasswordUnlessTheBranchIsProtected) {
  made_role("app", R"({"postgres_role": "app_user"})");
  auto const password = [&](std::string const& branch) {
    return call("POST", "projects/shop/branches/" + branch + "/roles/app/password").body.at("password");
  };
  make_branch("open");
  finished("PATCH", std::string(production) + "?update_mask=spec.is_protected",
           json(R"({"spec": {"is_protected": true}})"));
  make_branch("guarded");
  EXPECT_EQ(password("open"), password("production"));
  EXPECT_NE(password("guarded"), password("production"));
  EXPECT_TRUE(computes->has_call_with("ALTER ROLE \"app_user\" PASSWORD '" + password("guarded").get<std::string>()));
}

TEST_F(RolesAndDatabasesTest, RoleOfAnIdentity) {
  auto const status = made_role("alice", R"({"postgres_role": "alice@example.com", "identity_type": "USER",
      "membership_roles": ["DATABRICKS_SUPERUSER"], "attributes": {"createdb": true}})")
                          .at("status");
  EXPECT_EQ(status.at("auth_method"), "LAKEBASE_OAUTH_V1");
  EXPECT_EQ(status.at("attributes").at("createdb"), true);
  EXPECT_TRUE(computes->has_call_with(R"(GRANT databricks_superuser TO "alice@example.com")"));
  EXPECT_EQ(made_role("team", R"({"postgres_role": "team", "identity_type": "GROUP"})").at("status").at("auth_method"),
            "LAKEBASE_OAUTH_V1");
  made_role("mute", R"({"postgres_role": "mute", "auth_method": "NO_LOGIN"})");
  EXPECT_TRUE(computes->has_call_with(R"(CREATE ROLE "mute" NOLOGIN)"));
}

TEST_F(RolesAndDatabasesTest, QuotesNames) {
  made_role("odd", R"({"postgres_role": "o\"dd; DROP TABLE x"})");
  EXPECT_TRUE(computes->has_call_with(R"(CREATE ROLE "o""dd; DROP TABLE x" )"));
}

TEST_F(RolesAndDatabasesTest, MakesUpIds) {
  auto const made_up = finished("POST", std::string(production) + "/roles", Json{{"spec", Json::object()}});
  EXPECT_THAT(made_up.at("role_id").get<std::string>(), MatchesRegex("role-[0-9a-f]+"));
  EXPECT_EQ(made_up.at("status").at("postgres_role"), made_up.at("role_id"));
  auto const database_made_up =
      finished("POST", std::string(production) + "/databases", Json{{"spec", Json{{"role", role("developer")}}}});
  EXPECT_THAT(database_made_up.at("database_id").get<std::string>(), MatchesRegex("db-[0-9a-f]+"));
}

TEST_F(RolesAndDatabasesTest, RefusesRoles) {
  struct Case {
    char const* id;
    char const* body;
    int status;
    char const* part;
  };
  made_role("app", R"({"postgres_role": "app_user"})");
  for (auto const& [id, body, status, part] : {
           Case{"Bad_Role", R"({"spec": {}})", 400, "Field role_id must match pattern"},
           Case{"x", R"({})", 400,
                "Field 'role' is required and must contain at least one subfield with a non-default value"},
           Case{"app", R"({"spec": {"postgres_role": "other"}})", 400, "role with that name already exists"},
           Case{"other", R"({"spec": {"postgres_role": "app_user"}})", 400, "role with that name already exists"},
           Case{"other", R"({"spec": {"postgres_role": "postgres"}})", 400, "role with that name already exists"},
           Case{"other", R"({"spec": {"identity_type": "USER", "postgres_role": "nobody"}})", 404,
                "Identity 'nobody' not found"},
           Case{"other", R"({"spec": {"identity_type": "SERVICE_PRINCIPAL", "postgres_role": "app"}})", 404,
                "Identity 'app' not found"},
           Case{"other", R"({"spec": {"auth_method": "LAKEBASE_OAUTH_V1"}})", 400, "which needs"},
           Case{"other", R"({"spec": {"auth_method": "PASSWORD"}})", 400, "must be one of"},
           Case{"other", R"({"spec": {"membership_roles": ["SUPERUSER"]}})", 400, "can only hold DATABRICKS_SUPERUSER"},
           Case{"other", R"({"spec": {"postgres_role": "a\u0000b"}})", 400, "must not hold NUL"},
       }) {
    auto const answer = create_role(id, json(body));
    EXPECT_EQ(answer.status, status) << body;
    EXPECT_THAT(answer.message(), HasSubstr(part)) << body;
  }
  EXPECT_EQ(create_role("long", Json{{"spec", Json{{"postgres_role", std::string(64, 'x')}}}}).message(),
            "Field 'spec.postgres_role' must not be longer than 63 bytes.");
  expect_error(get(role("none")), 404, "NOT_FOUND", "role not found; role_id:\"none\"");
}

TEST_F(RolesAndDatabasesTest, KnowsOnlyListedIdentitiesWhereAsked) {
  options.identities = std::vector<std::string>{"alice@example.com"};
  options.groups = {"team"};
  reopen();
  made_role("alice", R"({"postgres_role": "alice@example.com", "identity_type": "USER"})");
  made_role("team", R"({"postgres_role": "team", "identity_type": "GROUP"})");
  EXPECT_EQ(
      create_role("bob", json(R"({"spec": {"postgres_role": "bob@example.com", "identity_type": "USER"}})")).message(),
      "Identity 'bob@example.com' not found");
}

TEST_F(RolesAndDatabasesTest, UpdatesAttributesOneByOne) {
  made_role("app", R"({"attributes": {"createdb": true, "bypassrls": true}})");
  auto const one = finished("PATCH", role("app") + "?update_mask=spec.attributes.createrole",
                            json(R"({"spec": {"attributes": {"createrole": true, "createdb": false}}})"));
  EXPECT_EQ(one.at("status").at("attributes").dump(), R"({"createdb":true,"createrole":true,"bypassrls":true})");
  auto const whole = finished("PATCH", role("app") + "?update_mask=spec.attributes",
                              json(R"({"spec": {"attributes": {"createrole": true}}})"));
  EXPECT_EQ(whole.at("status").at("attributes").dump(), R"({"createdb":false,"createrole":true,"bypassrls":false})");
  EXPECT_TRUE(computes->has_call_with(R"(ALTER ROLE "app" LOGIN NOCREATEDB CREATEROLE NOBYPASSRLS)"));
}

TEST_F(RolesAndDatabasesTest, HasPostgresRefuseCreateroleWhereItWouldReachMoreThanTheServices) {
  made_role("app", R"({"attributes": {"createrole": true}})");
  EXPECT_TRUE(computes->has_call_with("createrole without DATABRICKS_SUPERUSER needs PostgreSQL 16 or newer"));
}

TEST_F(RolesAndDatabasesTest, TheSuperusersNameIsTaken) {
  EXPECT_EQ(create_role("admin", json(R"({"spec": {"postgres_role": "cloud_admin"}})")).message(),
            "role with that name already exists");
}

TEST_F(RolesAndDatabasesTest, UpdatesMemberships) {
  made_role("app", R"({})");
  auto const target = role("app") + "?update_mask=spec.membership_roles";
  finished("PATCH", target, json(R"({"spec": {"membership_roles": ["DATABRICKS_SUPERUSER"]}})"));
  EXPECT_TRUE(computes->has_call_with(R"(GRANT databricks_superuser TO "app")"));
  auto const none = finished("PATCH", target, json(R"({"spec": {"membership_roles": []}})"));
  EXPECT_FALSE(none.at("status").contains("membership_roles"));
  EXPECT_TRUE(computes->has_call_with(R"(REVOKE databricks_superuser FROM "app")"));
}

TEST_F(RolesAndDatabasesTest, RoleUpdateRules) {
  made_role("app", R"({})");
  for (std::string const path : {"spec.postgres_role", "spec.auth_method", "spec.identity_type"}) {
    expect_error(call("PATCH", role("app") + "?update_mask=" + path, json(R"({"spec": {"postgres_role": "x"}})")), 400,
                 "INVALID_PARAMETER_VALUE", "Unknown field path in update_mask: '" + path + "'");
  }
  expect_error(call("PATCH", role("app") + "?update_mask=spec.attributes", json(R"({"spec": {}})")), 400,
               "INVALID_PARAMETER_VALUE", "Field 'spec.attributes' is in update_mask but not provided in request");
  auto const same = finished("PATCH", role("app") + "?update_mask=spec", json(R"({"spec":{"postgres_role":"x"}})"));
  EXPECT_EQ(same.at("status").at("postgres_role"), "app") << "silently ignored, as by the service";
}

TEST_F(RolesAndDatabasesTest, ReplacingARoleWipesWhatIsNotRepeated) {
  auto const replaced = made_role("developer", R"({"postgres_role": "developer@example.com", "identity_type": "USER"})",
                                  "&replace_existing=true");
  EXPECT_FALSE(replaced.at("status").contains("membership_roles"));
  EXPECT_EQ(replaced.at("status").at("attributes").at("createdb"), false);
}

TEST_F(RolesAndDatabasesTest, ReplacingARoleKeepsWhatCannotBeChanged) {
  for (auto const* const spec : {R"({"identity_type": "USER"})", R"({"auth_method": "LAKEBASE_OAUTH_V1"})", "{}"}) {
    auto const status = made_role("developer", spec, "&replace_existing=true").at("status");
    EXPECT_EQ(status.at("postgres_role"), "developer@example.com") << spec;
    EXPECT_EQ(status.at("identity_type"), "USER") << spec;
    EXPECT_EQ(status.at("auth_method"), "LAKEBASE_OAUTH_V1") << spec;
  }
}

TEST_F(RolesAndDatabasesTest, TheCallerIsAnIdentityOfHisOwnTypeOnly) {
  auto const spec =
      json(R"({"spec": {"postgres_role": "developer@example.com", "identity_type": "SERVICE_PRINCIPAL"}})");
  finished("DELETE", "projects/shop/branches/production/databases/databricks-postgres");
  finished("DELETE", role("developer"));
  expect_error(call("POST", "projects/shop/branches/production/roles?role_id=app", spec), 404, "NOT_FOUND",
               "Identity 'developer@example.com' not found");
}

TEST_F(RolesAndDatabasesTest, DeletesARoleWithItsThings) {
  made_role("app", R"({"postgres_role": "app"})");
  made_database("orders", Json{{"role", role("app")}});
  finished("DELETE", role("app") + "?reassign_owned_to=" + role("developer"));
  EXPECT_TRUE(
      computes->has_call_with(R"(sql databricks_postgres: REASSIGN OWNED BY "app" TO "developer@example.com")"));
  EXPECT_TRUE(computes->has_call_with(R"(sql postgres: DROP ROLE IF EXISTS "app")"));
  EXPECT_EQ(get(role("app")).status, 404);
  EXPECT_EQ(get(database("orders")).body.at("status").at("role"), role("developer"));
}

TEST_F(RolesAndDatabasesTest, WhatOneDatabaseRefusesIsDoneInNone) {
  made_role("app", R"({"postgres_role": "app"})");
  computes->fail_at(R"(sql databricks_postgres: BEGIN; REASSIGN)", "permission denied", "42501");
  auto const error = failed("DELETE", role("app") + "?reassign_owned_to=" + role("developer"));
  EXPECT_THAT(error.at("message").get<std::string>(), HasSubstr("permission denied"));
  EXPECT_TRUE(computes->has_call_with(R"(sql postgres: BEGIN; REASSIGN OWNED BY "app")"));
  EXPECT_FALSE(computes->has_call_with(": REASSIGN OWNED"));
  finished("DELETE", role("app") + "?reassign_owned_to=" + role("developer"));
  EXPECT_TRUE(computes->has_call_with(
      R"(sql postgres: REASSIGN OWNED BY "app" TO "developer@example.com"; DROP OWNED BY "app")"));
}

TEST_F(RolesAndDatabasesTest, ALockOfAnotherSessionFailsTheOperationAndSaysSo) {
  made_role("app", R"({"postgres_role": "app"})");
  computes->fail_at("REASSIGN", "canceling statement due to lock timeout", "55P03");
  auto const error = failed("DELETE", role("app") + "?reassign_owned_to=" + role("developer"));
  EXPECT_EQ(error.at("error_code"), "ABORTED");
  EXPECT_THAT(error.at("message").get<std::string>(), HasSubstr("Another session holds a lock"));
  EXPECT_EQ(get(role("app")).status, 200);
  finished("DELETE", role("app") + "?reassign_owned_to=" + role("developer"));
}

TEST_F(RolesAndDatabasesTest, ACleanupThatWaitedForALockIsAttemptedAgain) {
  computes->fail_at("CREATE ROLE", "the server is gone", "08006");
  computes->hold("DROP ROLE");
  auto const started = create_role("app", json(R"({"spec": {"postgres_role": "app"}})"));
  computes->wait_until_held();
  computes->fail_at("DROP ROLE", "canceling statement due to lock timeout", "55P03");
  computes->release();
  EXPECT_TRUE(wait(started).contains("error"));
  EXPECT_FALSE(computes->has_call_with("DROP ROLE"));
  made_role("app", R"({"postgres_role": "app"})");
  EXPECT_TRUE(computes->has_call_with("DROP ROLE"));
}

TEST_F(RolesAndDatabasesTest, PostgresMayRefuseToDropARole) {
  made_role("app", R"({"postgres_role": "app"})");
  computes->fail_at("DROP ROLE", "role \"app\" cannot be dropped because some objects depend on it", "2BP01");
  auto const error = failed("DELETE", role("app"));
  EXPECT_EQ(error.at("error_code"), "BAD_REQUEST");
  EXPECT_EQ(error.at("message"),
            "role \"app\" cannot be dropped because some objects depend on it; 'reassign_owned_to' can name the role "
            "that gets them (SQLSTATE 2BP01)");
  EXPECT_EQ(get(role("app")).status, 200);
  for (auto const& target :
       {role("none"), std::string("developer"), std::string("projects/p/branches/b/roles/developer")}) {
    EXPECT_EQ(call("DELETE", role("app") + "?reassign_owned_to=" + target).status, 404) << target;
  }
  EXPECT_EQ(call("DELETE", role("app") + "?reassign_owned_to=" + role("app")).status, 400);
}

TEST_F(RolesAndDatabasesTest, MakesADatabase) {
  auto const made = made_database("orders", Json{{"postgres_database", "orders_db"}, {"role", role("developer")}});
  EXPECT_EQ(made.at("status").dump(),
            R"({"database_id":"orders","postgres_database":"orders_db","role":")" + role("developer") + R"("})");
  EXPECT_FALSE(made.contains("uid"));
  EXPECT_TRUE(computes->has_call_with(R"(CREATE DATABASE "orders_db" OWNER "developer@example.com")"));
}

TEST_F(RolesAndDatabasesTest, RefusesDatabases) {
  struct Case {
    char const* id;
    Json spec;
    int status;
    std::string message;
  };
  auto const owner = role("developer");
  for (auto const& [id, spec, status, message] : {
           Case{"Invalid_DB_ID", Json{{"role", owner}}, 400,
                "Field database_id must match pattern ^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$, got 'Invalid_DB_ID'."},
           Case{"orders", Json::object(), 400,
                "Field 'database.spec.role' is required, expected non-default value (not \"\")!"},
           Case{"orders", Json{{"role", role("does-not-exist")}}, 404, "role not found; role_id:\"does-not-exist\""},
           Case{"orders", Json{{"role", "projects/p/branches/b/roles/developer"}}, 404,
                "role not found; role_id:\"developer\""},
           Case{"databricks-postgres", Json{{"role", owner}}, 400, "database with that name already exists"},
           Case{"orders", Json{{"role", owner}, {"postgres_database", "databricks_postgres"}}, 400,
                "database with that name already exists"},
           Case{"orders", Json{{"role", owner}, {"postgres_database", "postgres"}}, 400,
                "database with that name already exists"},
       }) {
    auto const answer = create_database(id, Json{{"spec", spec}});
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.message(), message);
  }
  EXPECT_EQ(
      create_database("orders", Json{{"spec", Json{{"role", owner}, {"postgres_database", std::string(64, 'x')}}}})
          .status,
      400);
  expect_error(get(database("none")), 404, "NOT_FOUND", "database not found; database_id:\"none\"");
}

TEST_F(RolesAndDatabasesTest, RenamesAndGivesAway) {
  made_role("app", R"({"postgres_role": "app"})");
  made_database("orders", Json{{"role", role("developer")}});
  auto const changed = finished("PATCH", database("orders") + "?update_mask=spec.postgres_database,spec.role",
                                Json{{"spec", Json{{"postgres_database", "new_orders"}, {"role", role("app")}}}});
  EXPECT_EQ(changed.at("status").at("postgres_database"), "new_orders");
  EXPECT_EQ(changed.at("status").at("role"), role("app"));
  EXPECT_TRUE(computes->has_call_with(R"(ALTER DATABASE "orders" OWNER TO "app")"));
  EXPECT_TRUE(computes->has_call_with(R"(ALTER DATABASE "orders" RENAME TO "new_orders")"));
  EXPECT_EQ(call("PATCH", database("orders") + "?update_mask=spec.role", Json::object()).status, 400);
  expect_error(call("PATCH", database("none") + "?update_mask=spec", Json::object()), 404, "NOT_FOUND",
               "database not found; database_id:\"none\"");
}

TEST_F(RolesAndDatabasesTest, ReplacesADatabaseWithoutNamingItsRole) {
  for (auto const& spec :
       {Json{{"postgres_database", "renamed"}}, Json{{"postgres_database", "again"}, {"role", ""}}}) {
    auto const answer = create_database("databricks-postgres", Json{{"spec", spec}}, "&replace_existing=true");
    auto const status = wait(answer).at("response").at("status");
    EXPECT_EQ(status.at("postgres_database"), spec.at("postgres_database"));
    EXPECT_EQ(status.at("role"), role("developer"));
  }
  expect_error(
      call("PATCH", database("databricks-postgres") + "?update_mask=spec.role", json(R"({"spec":{"role":""}})")), 400,
      "INVALID_PARAMETER_VALUE", "Field 'spec.role' is required, expected non-default value (not \"\")!");
}

TEST_F(RolesAndDatabasesTest, DropsADatabaseWithItsSessions) {
  made_database("orders", Json{{"role", role("developer")}});
  finished("DELETE", database("orders"));
  EXPECT_TRUE(computes->has_call_with(R"(DROP DATABASE IF EXISTS "orders" WITH (FORCE))"));
  EXPECT_EQ(get(database("orders")).status, 404);
}

TEST_F(RolesAndDatabasesTest, SqlErrorsAreTheOperationsError) {
  computes->fail_at("CREATE DATABASE \"orders\"", "out of room", "53100");
  auto const error = failed("POST", std::string(production) + "/databases?database_id=orders",
                            Json{{"spec", Json{{"role", role("developer")}}}});
  EXPECT_EQ(error.at("error_code"), "INTERNAL_ERROR");
  EXPECT_EQ(error.at("message"), "out of room (SQLSTATE 53100)");
  EXPECT_EQ(get(database("orders")).status, 404);
}

}  // namespace
}  // namespace lakebase::emulator::tests
