#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/postgres_client.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;

TEST(CreateTable, SendsTheTableAndReadsItBack) {
  auto const wire = script({{200, R"({"name":"main.sales.orders",
    "database":"projects/p/branches/production/databases/shop","branch":"projects/p/branches/production",
    "project":"projects/p","table_serving_url":"https://serving.example.com/orders"})"}});
  auto const table = client_over(wire).create_table(
      Table{.name = "main.sales.orders", .database = "projects/p/branches/production/databases/shop"});
  EXPECT_THAT(wire->only_request(),
              IsRequest("POST", "/api/2.0/postgres/tables",
                        R"({"name":"main.sales.orders","database":"projects/p/branches/production/databases/shop"})"));
  EXPECT_EQ(table.branch, "projects/p/branches/production");
  EXPECT_EQ(table.project, "projects/p");
  EXPECT_EQ(table.table_serving_url, "https://serving.example.com/orders");
}

TEST(DeleteTable, DeletesByFullName) {
  auto const wire = script({{200, "{}"}});
  client_over(wire).delete_table("main.sales.orders");
  EXPECT_THAT(wire->only_request(), IsRequest("DELETE", "/api/2.0/postgres/tables/main.sales.orders"));
}

TEST(GetTable, ReadsByFullName) {
  auto const wire = script({{200, R"({"name":"main.sales.orders","project":"projects/p"})"}});
  auto const table = client_over(wire).get_table("main.sales.orders");
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/postgres/tables/main.sales.orders"));
  EXPECT_EQ(table.name, "main.sales.orders");
  EXPECT_EQ(table.project, "projects/p");
}

}  // namespace
}  // namespace lakebase::tests
