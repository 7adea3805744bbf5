#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/postgres_client.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;

constexpr auto role_operation = R"({"name":"projects/p/branches/b/roles/ann/operations/1","done":false})";

TEST(CreateRole, LeavesTheIdToTheService) {
  auto const wire = script({{200, role_operation}});
  auto const started = client_over(wire).create_role(
      "projects/p/branches/b",
      Role{.spec = RoleRoleSpec{.attributes = RoleAttributes{.bypassrls = true, .createdb = false, .createrole = true},
                                .auth_method = RoleAuthMethod::lakebase_oauth_v1,
                                .identity_type = RoleIdentityType::service_principal,
                                .membership_roles = {RoleMembershipRole::databricks_superuser},
                                .postgres_role = "0b6f3c1e-2d4a-4c8e-9f10-a1b2c3d4e5f6"}});
  EXPECT_THAT(wire->only_request(),
              IsRequest("POST", "/api/2.0/postgres/projects/p/branches/b/roles",
                        R"({"spec":{"attributes":{"bypassrls":true,"createdb":false,"createrole":true},
                            "auth_method":"LAKEBASE_OAUTH_V1","identity_type":"SERVICE_PRINCIPAL",
                            "membership_roles":["DATABRICKS_SUPERUSER"],
                            "postgres_role":"0b6f3c1e-2d4a-4c8e-9f10-a1b2c3d4e5f6"}})"));
  EXPECT_EQ(started.name(), "projects/p/branches/b/roles/ann/operations/1");
}

TEST(CreateRole, SendsItsOptions) {
  auto const wire = script({{200, role_operation}});
  static_cast<void>(
      client_over(wire).create_role("projects/p/branches/b", {}, {.replace_existing = true, .role_id = "ann"}));
  EXPECT_THAT(
      wire->only_request(),
      IsRequest("POST", "/api/2.0/postgres/projects/p/branches/b/roles?replace_existing=true&role_id=ann", "{}"));
}

TEST(DeleteRole, SendsItsOptions) {
  auto const wire = script({{200, role_operation}});
  static_cast<void>(client_over(wire).delete_role("projects/p/branches/b/roles/ann",
                                                  {.reassign_owned_to = "projects/p/branches/b/roles/bob"}));
  EXPECT_THAT(wire->only_request(), IsRequest("DELETE",
                                              "/api/2.0/postgres/projects/p/branches/b/roles/ann"
                                              "?reassign_owned_to=projects%2Fp%2Fbranches%2Fb%2Froles%2Fbob"));
}

TEST(DeleteRole, SendsNoOptionUnasked) {
  auto const wire = script({{200, role_operation}});
  static_cast<void>(client_over(wire).delete_role("projects/p/branches/b/roles/ann"));
  EXPECT_THAT(wire->only_request(), IsRequest("DELETE", "/api/2.0/postgres/projects/p/branches/b/roles/ann"));
}

TEST(GetRole, ReadsWhatTheServiceTells) {
  auto const wire = script({{200, R"({
    "name":"projects/p/branches/b/roles/ann","role_id":"ann","parent":"projects/p/branches/b",
    "create_time":"2026-08-19T10:00:00Z","update_time":"2026-08-19T10:00:05Z",
    "status":{"role_id":"ann","postgres_role":"Ann.Lee@example.com","identity_type":"USER",
      "auth_method":"LAKEBASE_OAUTH_V1","membership_roles":["DATABRICKS_SUPERUSER"],
      "attributes":{"createdb":true,"createrole":false,"bypassrls":false}}})"}});
  auto const role = client_over(wire).get_role("projects/p/branches/b/roles/ann");
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/postgres/projects/p/branches/b/roles/ann"));
  EXPECT_EQ(
      role,
      (Role{.create_time = Timestamp::parse("2026-08-19T10:00:00Z"),
            .name = "projects/p/branches/b/roles/ann",
            .parent = "projects/p/branches/b",
            .role_id = "ann",
            .status =
                RoleRoleStatus{.attributes = RoleAttributes{.bypassrls = false, .createdb = true, .createrole = false},
                               .auth_method = RoleAuthMethod::lakebase_oauth_v1,
                               .identity_type = RoleIdentityType::user,
                               .membership_roles = {RoleMembershipRole::databricks_superuser},
                               .postgres_role = "Ann.Lee@example.com",
                               .role_id = "ann"},
            .update_time = Timestamp::parse("2026-08-19T10:00:05Z")}));
}

TEST(GetRole, ReadsARoleWithoutIdentity) {
  auto const wire = script({{200, R"({"status":{"identity_type":"IDENTITY_TYPE_UNSPECIFIED",
    "auth_method":"PG_PASSWORD_SCRAM_SHA_256"}})"}});
  auto const role = client_over(wire).get_role("projects/p/branches/b/roles/app");
  EXPECT_EQ(role.status->identity_type->value(), RoleIdentityType::unrecognized);
  EXPECT_EQ(role.status->identity_type->wire(), "IDENTITY_TYPE_UNSPECIFIED");
  EXPECT_EQ(role.status->auth_method, RoleAuthMethod::pg_password_scram_sha_256);
  EXPECT_TRUE(role.status->membership_roles.empty());
}

TEST(ListRoles, FollowsTokensAndKeepsItsOptions) {
  auto const wire = script({{200, R"({"roles":[{"role_id":"a"}],"next_page_token":"t?1"})"},
                            {200, R"({"next_page_token":"t2"})"},
                            {200, R"({"roles":[{"role_id":"b"}]})"}});
  auto const roles = client_over(wire).list_roles("projects/p/branches/b", {.page_size = 1}).to_vector();
  ASSERT_EQ(roles.size(), 2U);
  EXPECT_EQ(roles[1].role_id, "b");
  auto const requests = wire->requests();
  ASSERT_EQ(requests.size(), 3U);
  std::string const first = "/api/2.0/postgres/projects/p/branches/b/roles?page_size=1";
  EXPECT_THAT(requests[0], IsRequest("GET", first));
  EXPECT_THAT(requests[1], IsRequest("GET", first + "&page_token=t%3F1"));
  EXPECT_THAT(requests[2], IsRequest("GET", first + "&page_token=t2"));
}

TEST(ListRoles, StartsWhereItIsTold) {
  auto const wire = script({{200, "{}"}});
  EXPECT_TRUE(client_over(wire).list_roles("projects/p/branches/b", {.page_token = "t1"}).to_vector().empty());
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/postgres/projects/p/branches/b/roles?page_token=t1"));
}

TEST(RevealRolePassword, PostsAnEmptyBodyAndReadsThePassword) {
  auto const wire = script({{200, R"({"password":"correct horse"})"}});
  auto const revealed = client_over(wire).reveal_role_password("projects/p/branches/b/roles/app");
  EXPECT_THAT(wire->only_request(),
              IsRequest("POST", "/api/2.0/postgres/projects/p/branches/b/roles/app/password", "{}"));
  EXPECT_EQ(revealed.password, "correct horse");
}

TEST(RevealRolePassword, IsSentAgainIfTheResponseWasLost) {
  auto const wire = script({});
  wire->then_throw(TransportError{TransportError::Kind::reset, true, ErrorFacts{.message = "cut", .retryable = true}});
  wire->then({200, R"({"password":"correct horse"})"});
  EXPECT_EQ(client_over(wire).reveal_role_password("projects/p/branches/b/roles/app").password, "correct horse");
  EXPECT_EQ(wire->requests().size(), 2U);
}

TEST(UpdateRole, SendsMaskAndBody) {
  auto const wire = script({{200, role_operation}});
  static_cast<void>(client_over(wire).update_role(
      "projects/p/branches/b/roles/ann", Role{.spec = RoleRoleSpec{.attributes = RoleAttributes{.createdb = false}}},
      FieldMask{"spec.attributes.createdb", "spec.membership_roles"}));
  EXPECT_THAT(wire->only_request(), IsRequest("PATCH",
                                              "/api/2.0/postgres/projects/p/branches/b/roles/ann"
                                              "?update_mask=spec.attributes.createdb%2Cspec.membership_roles",
                                              R"({"spec":{"attributes":{"createdb":false},"membership_roles":[]}})"));
}

}  // namespace
}  // namespace lakebase::tests
