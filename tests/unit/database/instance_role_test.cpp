#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/database_client.hpp>
#include <lakebase/error.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace database;

constexpr auto role = R"({"name":"ann@example.com"})";

TEST(CreateDatabaseInstanceRole, SendsTheRoleAndItsOption) {
  auto const wire = script({{200, R"({"name":"ann@example.com","identity_type":"USER",
    "effective_attributes":{"createdb":true},"instance_name":"i"})"}});
  auto const made = DatabaseClient{config_over(wire)}.create_database_instance_role(
      "i",
      {.name = "ann@example.com",
       .attributes = DatabaseInstanceRoleAttributes{.bypassrls = false, .createdb = true, .createrole = false},
       .identity_type = DatabaseInstanceRoleIdentityType::user,
       .membership_role = DatabaseInstanceRoleMembershipRole::databricks_superuser},
      {.database_instance_name = "j"});
  EXPECT_THAT(
      wire->only_request(),
      IsRequest("POST", "/api/2.0/database/instances/i/roles?database_instance_name=j",
                R"({"name":"ann@example.com","attributes":{"bypassrls":false,"createdb":true,"createrole":false},
                            "identity_type":"USER","membership_role":"DATABRICKS_SUPERUSER"})"));
  EXPECT_EQ(made, (DatabaseInstanceRole{.name = "ann@example.com",
                                        .effective_attributes = DatabaseInstanceRoleAttributes{.createdb = true},
                                        .identity_type = DatabaseInstanceRoleIdentityType::user,
                                        .instance_name = "i"}));
}

TEST(CreateDatabaseInstanceRole, SendsNoOptionUnasked) {
  auto const wire = script({{200, role}});
  DatabaseClient{config_over(wire)}.create_database_instance_role("i", {.name = "r"});
  EXPECT_THAT(wire->only_request(), IsRequest("POST", "/api/2.0/database/instances/i/roles", R"({"name":"r"})"));
}

TEST(GetDatabaseInstanceRole, KeepsItsNameOneSegment) {
  auto const wire = script({{200, role}});
  EXPECT_EQ(DatabaseClient{config_over(wire)}.get_database_instance_role("i", "a b/c").name, "ann@example.com");
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/database/instances/i/roles/a%20b%2Fc"));
}

TEST(ListDatabaseInstanceRoles, FollowsTokensAndKeepsItsOptions) {
  auto const wire = script({{200, R"({"database_instance_roles":[{"name":"a"}],"next_page_token":"t1"})"},
                            {200, R"({"database_instance_roles":[{"name":"b"}]})"},
                            {200, "{}"}});
  DatabaseClient const client{config_over(wire)};
  EXPECT_EQ(client.list_database_instance_roles("i", {.page_size = 1, .page_token = "t0"}).to_vector().size(), 2U);
  EXPECT_TRUE(client.list_database_instance_roles("i").to_vector().empty());
  EXPECT_THAT(wire->requests()[0], IsRequest("GET", "/api/2.0/database/instances/i/roles?page_size=1&page_token=t0"));
  EXPECT_THAT(wire->requests()[1], IsRequest("GET", "/api/2.0/database/instances/i/roles?page_size=1&page_token=t1"));
  EXPECT_THAT(wire->requests()[2], IsRequest("GET", "/api/2.0/database/instances/i/roles"));
}

TEST(DeleteDatabaseInstanceRole, SendsItsOptionsOrNone) {
  auto const wire = script({{200, "{}"}, {200, "{}"}});
  DatabaseClient const client{config_over(wire)};
  client.delete_database_instance_role("i", "r", {.allow_missing = true, .reassign_owned_to = "o"});
  client.delete_database_instance_role("i", "r");
  EXPECT_THAT(wire->requests()[0],
              IsRequest("DELETE", "/api/2.0/database/instances/i/roles/r?allow_missing=true&reassign_owned_to=o"));
  EXPECT_THAT(wire->requests()[1], IsRequest("DELETE", "/api/2.0/database/instances/i/roles/r"));
}

TEST(UpdateDatabaseInstanceRole, SendsTheRoleAndItsOptionOrNone) {
  auto const wire = script({{200, role}, {200, role}});
  DatabaseClient const client{config_over(wire)};
  DatabaseInstanceRole const wanted{.attributes = DatabaseInstanceRoleAttributes{.createdb = false}};
  client.update_database_instance_role("i", "r", wanted, {.database_instance_name = "j"});
  client.update_database_instance_role("i", "r", wanted);
  auto const* const body = R"({"attributes":{"createdb":false}})";
  EXPECT_THAT(wire->requests()[0],
              IsRequest("PATCH", "/api/2.0/database/instances/i/roles/r?database_instance_name=j", body));
  EXPECT_THAT(wire->requests()[1], IsRequest("PATCH", "/api/2.0/database/instances/i/roles/r", body));
}

}  // namespace
}  // namespace lakebase::tests
