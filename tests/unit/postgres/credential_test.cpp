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

constexpr auto credential_endpoint = "projects/my-app/branches/production/endpoints/primary";

TEST(GenerateDatabaseCredential, SendsTheEndpointAloneByDefault) {
  auto const wire = script({{200, R"({"token":"eyJ.x.y","expire_time":"2026-08-19T11:00:00.5Z"})"}});
  auto const credential = client_over(wire).generate_database_credential(credential_endpoint);
  EXPECT_THAT(wire->only_request(),
              IsRequest("POST", "/api/2.0/postgres/credentials",
                        R"({"endpoint":"projects/my-app/branches/production/endpoints/primary"})"));
  EXPECT_EQ(credential,
            (DatabaseCredential{.expire_time = Timestamp::parse("2026-08-19T11:00:00.500Z"), .token = "eyJ.x.y"}));
}

TEST(GenerateDatabaseCredential, SendsItsOptions) {
  auto const wire = script({{200, R"({"token":"eyJ.x.y"})"}});
  static_cast<void>(client_over(wire).generate_database_credential(
      credential_endpoint,
      {.claims = {RequestedClaims{.permission_set = RequestedClaimsPermissionSet::read_only,
                                  .resources = {{.table_name = "main.shop.orders"}, {.table_name = "a.b.c"}}}},
       .expire_time = Timestamp::parse("2026-08-19T11:00:00Z"),
       .group_name = "Data Team",
       .ttl = 5min}));
  EXPECT_THAT(wire->only_request(), IsRequest("POST", "/api/2.0/postgres/credentials", R"({
    "claims":[{"permission_set":"READ_ONLY","resources":[{"table_name":"main.shop.orders"},{"table_name":"a.b.c"}]}],
    "endpoint":"projects/my-app/branches/production/endpoints/primary","expire_time":"2026-08-19T11:00:00Z",
    "group_name":"Data Team","ttl":"300s"})"));
}

TEST(GenerateDatabaseCredential, IsRepeatedAfterABrokenConnection) {
  auto const wire = script({});
  wire->then_throw(TransportError{TransportError::Kind::reset, true, ErrorFacts{}});
  wire->then({200, R"({"token":"eyJ.x.y"})"});
  EXPECT_EQ(client_over(wire).generate_database_credential(credential_endpoint).token, "eyJ.x.y");
  EXPECT_EQ(wire->requests().size(), 2U);
}

}  // namespace
}  // namespace lakebase::tests
