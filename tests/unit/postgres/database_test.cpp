#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/postgres_client.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;

constexpr auto database_operation = R"({"name":"projects/p/branches/b/databases/shop/operations/1","done":false})";

TEST(CreateDatabase, LeavesTheIdToTheService) {
  auto const wire = script({{200, database_operation}});
  auto const started = client_over(wire).create_database(
      "projects/p/branches/b", Database{.spec = DatabaseDatabaseSpec{.role = "projects/p/branches/b/roles/ann",
                                                                     .postgres_database = "shop_db"}});
  EXPECT_THAT(wire->only_request(),
              IsRequest("POST", "/api/2.0/postgres/projects/p/branches/b/databases",
                        R"({"spec":{"role":"projects/p/branches/b/roles/ann","postgres_database":"shop_db"}})"));
  EXPECT_EQ(started.name(), "projects/p/branches/b/databases/shop/operations/1");
}

TEST(CreateDatabase, SendsItsOptions) {
  auto const wire = script({{200, database_operation}});
  static_cast<void>(client_over(wire).create_database("projects/p/branches/b", {},
                                                      {.database_id = "shop", .replace_existing = true}));
  EXPECT_THAT(wire->only_request(), IsRequest("POST",
                                              "/api/2.0/postgres/projects/p/branches/b/databases"
                                              "?database_id=shop&replace_existing=true",
                                              "{}"));
}

TEST(DeleteDatabase, DeletesByName) {
  auto const wire = script({{200, database_operation}});
  static_cast<void>(client_over(wire).delete_database("projects/p/branches/b/databases/shop"));
  EXPECT_THAT(wire->only_request(), IsRequest("DELETE", "/api/2.0/postgres/projects/p/branches/b/databases/shop"));
}

TEST(GetDatabase, ReadsWhatTheServiceTells) {
  auto const wire = script({{200, R"({
    "name":"projects/p/branches/b/databases/shop","database_id":"shop","parent":"projects/p/branches/b",
    "create_time":"2026-08-19T10:00:00Z","update_time":"2026-08-19T10:00:05Z",
    "status":{"database_id":"shop","postgres_database":"shop_db","role":"projects/p/branches/b/roles/ann"}})"}});
  auto const database = client_over(wire).get_database("projects/p/branches/b/databases/shop");
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/postgres/projects/p/branches/b/databases/shop"));
  EXPECT_EQ(database, (Database{.create_time = Timestamp::parse("2026-08-19T10:00:00Z"),
                                .database_id = "shop",
                                .name = "projects/p/branches/b/databases/shop",
                                .parent = "projects/p/branches/b",
                                .status = DatabaseDatabaseStatus{.database_id = "shop",
                                                                 .postgres_database = "shop_db",
                                                                 .role = "projects/p/branches/b/roles/ann"},
                                .update_time = Timestamp::parse("2026-08-19T10:00:05Z")}));
}

TEST(ListDatabases, FollowsTokensAndKeepsItsOptions) {
  auto const wire = script({{200, R"({"databases":[{"database_id":"a"}],"next_page_token":"t&1"})"},
                            {200, R"({"next_page_token":"t2"})"},
                            {200, R"({"databases":[{"database_id":"b"}]})"}});
  auto const databases = client_over(wire).list_databases("projects/p/branches/b", {.page_size = 1}).to_vector();
  ASSERT_EQ(databases.size(), 2U);
  EXPECT_EQ(databases[1].database_id, "b");
  auto const requests = wire->requests();
  ASSERT_EQ(requests.size(), 3U);
  std::string const first = "/api/2.0/postgres/projects/p/branches/b/databases?page_size=1";
  EXPECT_THAT(requests[0], IsRequest("GET", first));
  EXPECT_THAT(requests[1], IsRequest("GET", first + "&page_token=t%261"));
  EXPECT_THAT(requests[2], IsRequest("GET", first + "&page_token=t2"));
}

TEST(ListDatabases, StartsWhereItIsTold) {
  auto const wire = script({{200, "{}"}});
  EXPECT_TRUE(client_over(wire).list_databases("projects/p/branches/b", {.page_token = "t1"}).to_vector().empty());
  EXPECT_THAT(wire->only_request(),
              IsRequest("GET", "/api/2.0/postgres/projects/p/branches/b/databases?page_token=t1"));
}

TEST(UpdateDatabase, SendsMaskAndBody) {
  auto const wire = script({{200, database_operation}});
  static_cast<void>(client_over(wire).update_database(
      "projects/p/branches/b/databases/shop", Database{.spec = DatabaseDatabaseSpec{.postgres_database = "store_db"}},
      FieldMask{"spec.postgres_database"}));
  EXPECT_THAT(
      wire->only_request(),
      IsRequest("PATCH", "/api/2.0/postgres/projects/p/branches/b/databases/shop?update_mask=spec.postgres_database",
                R"({"spec":{"postgres_database":"store_db"}})"));
}

}  // namespace
}  // namespace lakebase::tests
