#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/postgres_client.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;

constexpr auto cdf_database = "projects/p/branches/b/databases/shop";
constexpr auto cdf_config_name = "projects/p/branches/b/databases/shop/cdf-configs/public";
constexpr auto cdf_config_operation =
    R"({"name":"projects/p/branches/b/databases/shop/cdf-configs/public/operations/1","done":false})";

TEST(CreateCdfConfig, SendsTheConfigInTheBody) {
  auto const wire = script({{200, cdf_config_operation}});
  auto const started = client_over(wire).create_cdf_config(
      cdf_database, CdfConfig{.catalog = "main", .schema = "shop_feed", .postgres_schema = "public"});
  EXPECT_THAT(wire->only_request(),
              IsRequest("POST", "/api/2.0/postgres/projects/p/branches/b/databases/shop/cdf-configs",
                        R"({"catalog":"main","schema":"shop_feed","postgres_schema":"public"})"));
  EXPECT_EQ(started.name(), "projects/p/branches/b/databases/shop/cdf-configs/public/operations/1");
}

TEST(CreateCdfConfig, SendsAnIdWhenGiven) {
  auto const wire = script({{200, cdf_config_operation}});
  static_cast<void>(
      client_over(wire).create_cdf_config(cdf_database, CdfConfig{.catalog = "main"}, {.cdf_config_id = "feed_1"}));
  EXPECT_THAT(
      wire->only_request(),
      IsRequest("POST", "/api/2.0/postgres/projects/p/branches/b/databases/shop/cdf-configs?cdf_config_id=feed_1",
                R"({"catalog":"main"})"));
}

TEST(DeleteCdfConfig, SendsItsOptions) {
  auto const wire = script({{200, cdf_config_operation}, {200, cdf_config_operation}});
  static_cast<void>(client_over(wire).delete_cdf_config(cdf_config_name));
  static_cast<void>(client_over(wire).delete_cdf_config(cdf_config_name, {.force = true}));
  std::string const target = "/api/2.0/postgres/projects/p/branches/b/databases/shop/cdf-configs/public";
  EXPECT_THAT(wire->requests().at(0), IsRequest("DELETE", target));
  EXPECT_THAT(wire->requests().at(1), IsRequest("DELETE", target + "?force=true"));
}

TEST(GetCdfConfig, ReadsByName) {
  auto const wire = script({{200, R"({"name":"projects/p/branches/b/databases/shop/cdf-configs/public",
    "cdf_config_id":"public","catalog":"main","schema":"shop_feed","postgres_schema":"public",
    "create_time":"2026-08-01T10:00:00Z"})"}});
  auto const read = client_over(wire).get_cdf_config(cdf_config_name);
  EXPECT_THAT(wire->only_request(),
              IsRequest("GET", "/api/2.0/postgres/projects/p/branches/b/databases/shop/cdf-configs/public"));
  EXPECT_EQ(read, (CdfConfig{.catalog = "main",
                             .schema = "shop_feed",
                             .postgres_schema = "public",
                             .cdf_config_id = "public",
                             .create_time = Timestamp::parse("2026-08-01T10:00:00Z"),
                             .name = cdf_config_name}));
}

TEST(ListCdfConfigs, FollowsTokensAndKeepsItsOptions) {
  auto const wire = script({{200, R"({"cdf_configs":[{"cdf_config_id":"a"}],"next_page_token":"t 1"})"},
                            {200, R"({"next_page_token":"t2"})"},
                            {200, R"({"cdf_configs":[{"cdf_config_id":"b"}]})"}});
  auto const listed = client_over(wire).list_cdf_configs(cdf_database, {.page_size = 2}).to_vector();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].cdf_config_id, "a");
  EXPECT_EQ(listed[1].cdf_config_id, "b");
  auto const requests = wire->requests();
  ASSERT_EQ(requests.size(), 3U);
  std::string const first = "/api/2.0/postgres/projects/p/branches/b/databases/shop/cdf-configs?page_size=2";
  EXPECT_THAT(requests[0], IsRequest("GET", first));
  EXPECT_THAT(requests[1], IsRequest("GET", first + "&page_token=t%201"));
  EXPECT_THAT(requests[2], IsRequest("GET", first + "&page_token=t2"));
}

TEST(ListCdfConfigs, StartsAtAToken) {
  auto const wire = script({{200, "{}"}});
  EXPECT_TRUE(client_over(wire).list_cdf_configs(cdf_database, {.page_token = "t9"}).to_vector().empty());
  EXPECT_THAT(wire->only_request(),
              IsRequest("GET", "/api/2.0/postgres/projects/p/branches/b/databases/shop/cdf-configs?page_token=t9"));
}

}  // namespace
}  // namespace lakebase::tests
