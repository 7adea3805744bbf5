#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/database_client.hpp>
#include <lakebase/error.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace database;
using ::testing::HasSubstr;

TEST(GenerateInstanceCredential, SendsItsOptions) {
  auto const wire = script({{200, R"({"token":"eyJ.x.y","expiration_time":"2026-08-19T11:00:00Z"})"}});
  auto const credential = DatabaseClient{config_over(wire)}.generate_database_credential(
      {.claims = {RequestedClaims{.permission_set = RequestedClaimsPermissionSet::read_only,
                                  .resources = {{.table_name = "a.b.c"}, {.unspecified_resource_name = "x"}}}},
       .instance_names = {"i", "j"},
       .request_id = "r-1"});
  EXPECT_THAT(wire->only_request(), IsRequest("POST", "/api/2.0/database/credentials", R"({
    "claims":[{"permission_set":"READ_ONLY","resources":[{"table_name":"a.b.c"},{"unspecified_resource_name":"x"}]}],
    "instance_names":["i","j"],"request_id":"r-1"})"));
  EXPECT_EQ(credential, (DatabaseCredential{.expiration_time = "2026-08-19T11:00:00Z", .token = "eyJ.x.y"}));
  EXPECT_EQ(token_of(credential), "eyJ.x.y");
}

TEST(GenerateInstanceCredential, MakesOneRequestIdForAllTries) {
  auto const wire = script({});
  wire->then_throw(TransportError{TransportError::Kind::reset, true, ErrorFacts{}});
  wire->then({200, R"({"token":"eyJ.x.y"})"});
  wire->then({200, R"({"token":"eyJ.x.y"})"});
  DatabaseClient const client{config_over(wire)};
  static_cast<void>(client.generate_database_credential({.instance_names = {"i"}}));
  static_cast<void>(client.generate_database_credential({.instance_names = {"i"}}));
  auto const requests = wire->requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_THAT(requests[0].body,
              ::testing::MatchesRegex(R"(\{"instance_names":\["i"\],"request_id":"[-0-9a-f]{36}"\})"));
  EXPECT_EQ(requests[0].body, requests[1].body);
  EXPECT_NE(requests[1].body, requests[2].body);
}

TEST(GenerateInstanceCredential, RefusesOneForNothing) {
  auto const wire = script({});
  try {
    static_cast<void>(DatabaseClient{config_over(wire)}.generate_database_credential({.request_id = "r"}));
    FAIL() << "accepted";
  } catch (InvalidArgument const& error) {
    EXPECT_THAT(error.what(), HasSubstr("neither an instance nor a claim"));
  }
  EXPECT_TRUE(wire->requests().empty());
}

TEST(TokenOfInstanceCredential, SaysWhyThereIsNone) {
  auto const why = [](DatabaseCredential const& credential) -> std::string {
    try {
      return token_of(credential);
    } catch (MissingField const& error) {
      return error.what();
    }
  };
  EXPECT_THAT(why({}), HasSubstr("no service has filled it in"));
  EXPECT_THAT(why({.expiration_time = "2026-08-19T11:00:00Z"}), HasSubstr("but no token in it"));
}

}  // namespace
}  // namespace lakebase::tests
