#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/postgres_client.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;

constexpr auto watched_config = "projects/p/branches/b/databases/shop/cdf-configs/public";

TEST(GetCdfStatus, ReadsByName) {
  auto const wire = script({{200, R"({
    "name":"projects/p/branches/b/databases/shop/cdf-configs/public/cdf-statuses/order items",
    "postgres_table":"order items","uc_table":"main.shop_feed.order_items","state":"CDF_STATE_SKIPPED",
    "status_detail":"no replica identity","committed_lsn":"0/1A2B3C","create_time":"2026-08-01T10:00:00Z",
    "last_sync_time":"2026-08-01T10:05:00.250Z"})"}});
  auto const status = client_over(wire).get_cdf_status(std::string{watched_config} + "/cdf-statuses/order items");
  EXPECT_THAT(wire->only_request(),
              IsRequest("GET",
                        "/api/2.0/postgres/projects/p/branches/b/databases/shop/cdf-configs/public/cdf-statuses/"
                        "order%20items"));
  EXPECT_EQ(status.postgres_table, "order items");
  EXPECT_EQ(status.uc_table, "main.shop_feed.order_items");
  EXPECT_EQ(status.state, CdfState::skipped);
  EXPECT_EQ(status.status_detail, "no replica identity");
  EXPECT_EQ(status.committed_lsn, "0/1A2B3C");
  EXPECT_EQ(status.last_sync_time, Timestamp::parse("2026-08-01T10:05:00.250Z"));
}

TEST(ListCdfStatuses, FollowsTokensAndKeepsItsOptions) {
  auto const wire = script({{200, R"({"cdf_statuses":[{"postgres_table":"a"}],"next_page_token":"t 1"})"},
                            {200, R"({"next_page_token":"t2"})"},
                            {200, R"({"cdf_statuses":[{"postgres_table":"b"}]})"}});
  auto const listed = client_over(wire).list_cdf_statuses(watched_config, {.page_size = 2}).to_vector();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].postgres_table, "a");
  EXPECT_EQ(listed[1].postgres_table, "b");
  auto const requests = wire->requests();
  ASSERT_EQ(requests.size(), 3U);
  std::string const first =
      "/api/2.0/postgres/projects/p/branches/b/databases/shop/cdf-configs/public/cdf-statuses?page_size=2";
  EXPECT_THAT(requests[0], IsRequest("GET", first));
  EXPECT_THAT(requests[1], IsRequest("GET", first + "&page_token=t%201"));
  EXPECT_THAT(requests[2], IsRequest("GET", first + "&page_token=t2"));
}

TEST(ListCdfStatuses, StartsAtAToken) {
  auto const wire = script({{200, "{}"}});
  EXPECT_TRUE(client_over(wire).list_cdf_statuses(watched_config, {.page_token = "t9"}).to_vector().empty());
  EXPECT_THAT(
      wire->only_request(),
      IsRequest(
          "GET",
          "/api/2.0/postgres/projects/p/branches/b/databases/shop/cdf-configs/public/cdf-statuses?page_token=t9"));
}

}  // namespace
}  // namespace lakebase::tests
