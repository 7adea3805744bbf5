#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/postgres_client.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;

constexpr auto catalog_operation = R"({"name":"catalogs/shop/operations/1","done":false})";

TEST(CreateCatalog, SendsIdInQueryAndSpecInBody) {
  auto const wire = script({{200, catalog_operation}});
  auto const started =
      client_over(wire).create_catalog(Catalog{.spec = CatalogCatalogSpec{.postgres_database = "shop_db",
                                                                          .branch = "projects/p/branches/production",
                                                                          .create_database_if_missing = true}},
                                       "shop");
  EXPECT_THAT(wire->only_request(),
              IsRequest("POST", "/api/2.0/postgres/catalogs?catalog_id=shop",
                        R"({"spec":{"postgres_database":"shop_db","branch":"projects/p/branches/production",
                            "create_database_if_missing":true}})"));
  EXPECT_EQ(started.name(), "catalogs/shop/operations/1");
}

TEST(CreateCatalog, WaitsForTheFinishedCatalog) {
  auto const wire = script({{200, catalog_operation}, {200, R"({"name":"catalogs/shop/operations/1","done":true,
    "metadata":{"@type":"type.googleapis.com/databricks.postgres.v1.CatalogOperationMetadata"},
    "response":{"@type":"type.googleapis.com/databricks.postgres.v1.Catalog","name":"catalogs/shop",
                "catalog_id":"shop"}})"}});
  auto const catalog = client_over(wire).create_catalog({}, "shop").wait();
  EXPECT_EQ(catalog.catalog_id, "shop");
}

TEST(DeleteCatalog, DeletesByName) {
  auto const wire = script({{200, catalog_operation}});
  static_cast<void>(client_over(wire).delete_catalog("catalogs/shop"));
  EXPECT_THAT(wire->only_request(), IsRequest("DELETE", "/api/2.0/postgres/catalogs/shop"));
}

TEST(GetCatalog, ReadsByName) {
  auto const wire = script({{200, R"({"name":"catalogs/shop","catalog_id":"shop",
    "uid":"5b0b8d34-51a5-4cf5-a90f-d7e0a8e0f0a1","create_time":"2026-08-01T10:00:00Z",
    "status":{"branch":"projects/p/branches/production","postgres_database":"shop_db","project":"projects/p"}})"}});
  auto const catalog = client_over(wire).get_catalog("catalogs/shop");
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/postgres/catalogs/shop"));
  EXPECT_EQ(catalog.name, "catalogs/shop");
  EXPECT_EQ(catalog.uid, "5b0b8d34-51a5-4cf5-a90f-d7e0a8e0f0a1");
  EXPECT_EQ(catalog.create_time, Timestamp::parse("2026-08-01T10:00:00Z"));
  EXPECT_EQ(catalog.status,
            (CatalogCatalogStatus{
                .branch = "projects/p/branches/production", .postgres_database = "shop_db", .project = "projects/p"}));
  EXPECT_FALSE(catalog.spec);
}

}  // namespace
}  // namespace lakebase::tests
