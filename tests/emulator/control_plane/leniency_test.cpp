// What the service is lenient about, though no documentation says so: clients rely on it.

#include "http_control_plane.hpp"

namespace lakebase::emulator::tests {
namespace {

class LeniencyTest : public HttpControlPlaneTest {
 protected:
  LeniencyTest() { make_project(); }

  Json response_to(std::string_view text) {
    auto const answer = send_and_wait(text);
    EXPECT_EQ(answer.status, 200) << text << answer.body.dump(1);
    EXPECT_TRUE(answer.body.contains("response")) << text << answer.body.dump(1);
    return answer.body.value("response", Json::object());
  }
};

TEST_F(LeniencyTest, UnknownFieldsAreIgnored) {
  auto const project = response_to(
      R"(POST projects?project_id=new {"color":"red","spec":{"display_name":"New","size":{"deep":[1,{}]},"x":null}})");
  EXPECT_EQ(project.at("status").at("display_name"), "New");
  EXPECT_FALSE(project.contains("color"));
  response_to(R"(POST projects/shop/branches?branch_id=dev {"spec":{"no_expiry":true,"expires":false},"x":[]})");
  response_to(
      R"(PATCH projects/shop/branches/dev?update_mask=spec.is_protected {"spec":{"is_protected":false,"y":1}})");
  response_to(R"(POST projects/shop/branches/dev/roles?role_id=app {"spec":{"postgres_role":"app","password":"x"}})");
  response_to(R"(POST projects/shop/branches/dev/databases?database_id=data )"
              R"({"spec":{"role":"projects/shop/branches/dev/roles/app","encoding":"UTF8"}})");
  EXPECT_EQ(send(R"(POST credentials {"endpoint":"projects/shop/branches/production/endpoints/primary","x":1})").status,
            200);
  EXPECT_EQ(send(R"(POST projects/shop/branches/dev/endpoints?endpoint_id=reader )"
                 R"({"spec":{"endpoint_type":"ENDPOINT_TYPE_READ_ONLY","type":7}})")
                .status,
            200);
}

TEST_F(LeniencyTest, WritableFieldsOutsideOfTheSpecAreIgnored) {
  auto const project = response_to(
      R"(POST projects?project_id=new {"display_name":"Elsewhere","pg_version":"x","enable_pg_native_login":true})");
  EXPECT_EQ(project.at("status").at("display_name"), "new");
  EXPECT_EQ(project.at("status").at("enable_pg_native_login"), false);
  response_to(R"(POST projects/shop/branches?branch_id=dev {"is_protected":true,"spec":{"no_expiry":true}})");
  EXPECT_EQ(get("projects/shop/branches/dev").body.at("status").at("is_protected"), false);
  // So that the choice of an expiration does not count there.
  EXPECT_EQ(send(R"(POST projects/shop/branches?branch_id=b {"no_expiry":true})").message(),
            "Expiration must be specified when creating a branch");
}

TEST_F(LeniencyTest, WhatIsOnlyOutputIsIgnored) {
  auto const project = response_to(
      R"(POST projects?project_id=new {"name":"projects/other","uid":"u","create_time":"2000-01-01T00:00:00Z",)"
      R"("update_time":7,"delete_time":"x","project_id":"other","status":{"display_name":"s","owner":"somebody"}})");
  EXPECT_EQ(project.at("name"), "projects/new");
  EXPECT_EQ(project.at("project_id"), "new");
  EXPECT_NE(project.at("uid"), "u");
  EXPECT_EQ(project.at("create_time"), "2026-06-01T12:00:00Z");
  EXPECT_EQ(project.at("status").at("owner"), "developer@example.com");
  // As Terraform sends updates.
  auto const changed = response_to(R"(PATCH projects/new?update_mask=spec.display_name )"
                                   R"({"name":"projects/new","parent":"","spec":{"display_name":"y"}})");
  EXPECT_EQ(changed.at("status").at("display_name"), "y");
}

TEST_F(LeniencyTest, FieldsThatTheMaskDoesNotNameAreIgnored) {
  auto const changed = response_to(R"(PATCH projects/shop?update_mask=spec.display_name )"
                                   R"({"spec":{"display_name":"y","history_retention_duration":"1s"}})");
  EXPECT_EQ(changed.at("status").at("display_name"), "y");
  EXPECT_EQ(changed.at("status").at("history_retention_duration"), "604800s");
  // Also those that cannot be changed.
  EXPECT_EQ(response_to(R"(PATCH projects/shop?update_mask=spec.display_name )"
                        R"({"spec":{"display_name":"z","pg_version":14}})")
                .at("status")
                .at("pg_version"),
            17);
  EXPECT_EQ(response_to(R"(PATCH projects/shop/branches/production/endpoints/primary?update_mask=spec.disabled )"
                        R"({"spec":{"disabled":false,"endpoint_type":"ENDPOINT_TYPE_READ_ONLY"}})")
                .at("status")
                .at("endpoint_type"),
            "ENDPOINT_TYPE_READ_WRITE");
  EXPECT_EQ(send(R"(PATCH projects/shop?update_mask=spec {"spec":{"pg_version":16}})").message(),
            "Field 'spec.pg_version' cannot be changed.");
}

TEST_F(LeniencyTest, AVersionMayBeAString) {
  EXPECT_EQ(response_to(R"(POST projects?project_id=text {"spec":{"pg_version":"17"}})").at("status").at("pg_version"),
            17);
  EXPECT_EQ(response_to(R"(POST projects?project_id=number {"spec":{"pg_version":17}})").at("status").at("pg_version"),
            17);
  EXPECT_EQ(send(R"(POST projects?project_id=word {"spec":{"pg_version":"seventeen"}})").status, 400);
}

TEST_F(LeniencyTest, UnknownOptionsOfTheQueryAreIgnored) {
  EXPECT_EQ(send("GET projects?color=red&page_sise=-1").status, 200);
  EXPECT_EQ(send("GET projects/shop?view=FULL").status, 200);
  response_to(R"(POST projects/shop/branches?branch_id=dev&force=maybe {"spec":{"no_expiry":true}})");
  response_to("DELETE projects/shop/branches/dev?force=maybe");
}

TEST_F(LeniencyTest, NullIsAbsent) {
  response_to(
      R"(POST projects?project_id=new {"spec":{"display_name":null,"pg_version":null},"initial_role_spec":null})");
  response_to("POST projects?project_id=empty");
}

}  // namespace
}  // namespace lakebase::emulator::tests
