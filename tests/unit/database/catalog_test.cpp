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

constexpr auto catalog = R"({"name":"c","database_instance_name":"i","database_name":"db","uid":"u"})";

TEST(CreateDatabaseCatalog, SendsTheCatalogAsTheWholeBody) {
  auto const wire = script({{200, catalog}});
  auto const made = DatabaseClient{config_over(wire)}.create_database_catalog(
      {.name = "c", .database_instance_name = "i", .database_name = "db", .create_database_if_not_exists = true});
  EXPECT_THAT(wire->only_request(), IsRequest("POST", "/api/2.0/database/catalogs", R"({"name":"c",
    "database_instance_name":"i","database_name":"db","create_database_if_not_exists":true})"));
  EXPECT_EQ(made.uid, "u");
}

TEST(GetDatabaseCatalog, KeepsItsNameOneSegment) {
  auto const wire = script({{200, catalog}});
  EXPECT_EQ(DatabaseClient{config_over(wire)}.get_database_catalog("a/b").database_name, "db");
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/database/catalogs/a%2Fb"));
}

TEST(DeleteDatabaseCatalog, SendsNoBody) {
  auto const wire = script({{200, "{}"}});
  DatabaseClient{config_over(wire)}.delete_database_catalog("c");
  EXPECT_THAT(wire->only_request(), IsRequest("DELETE", "/api/2.0/database/catalogs/c"));
}

TEST(ListDatabaseCatalogs, SendsItsOptionsOrNone) {
  auto const wire = script({{200, R"({"database_catalogs":[{"name":"c"}]})"}, {200, "{}"}});
  DatabaseClient const client{config_over(wire)};
  EXPECT_EQ(client.list_database_catalogs("i", {.page_size = 1, .page_token = "t0"}).to_vector().size(), 1U);
  EXPECT_TRUE(client.list_database_catalogs("i").to_vector().empty());
  EXPECT_THAT(wire->requests()[0],
              IsRequest("GET", "/api/2.0/database/instances/i/catalogs?page_size=1&page_token=t0"));
  EXPECT_THAT(wire->requests()[1], IsRequest("GET", "/api/2.0/database/instances/i/catalogs"));
}

TEST(UpdateDatabaseCatalog, SaysWhatToDoAsTheServiceCannot) {
  auto const wire = script({{200, catalog}, {501, R"({"error_code":"NOT_IMPLEMENTED",
                              "message":"Update Database Catalog is not yet implemented"})"}});
  DatabaseClient const client{config_over(wire)};
  client.update_database_catalog("c", {.name = "c", .database_name = "db"}, "database_name");
  EXPECT_THAT(wire->requests()[0], IsRequest("PATCH", "/api/2.0/database/catalogs/c?update_mask=database_name",
                                             R"({"name":"c","database_name":"db"})"));
  try {
    client.update_database_catalog("c", {.name = "c"});
    FAIL() << "accepted";
  } catch (NotImplemented const& error) {
    EXPECT_THAT(error.hint(), HasSubstr("delete it, and create another one"));
  }
  EXPECT_THAT(wire->requests()[1],
              IsRequest("PATCH", "/api/2.0/database/catalogs/c?update_mask=%2A", R"({"name":"c"})"));
}

}  // namespace
}  // namespace lakebase::tests
