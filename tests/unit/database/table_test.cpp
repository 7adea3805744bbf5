#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/database_client.hpp>
#include <lakebase/error.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace database;

TEST(CreateDatabaseTable, SendsTheTableAsTheWholeBody) {
  auto const wire = script({{200, R"({"name":"a.b.c","table_serving_url":"https://x"})"}});
  auto const made = DatabaseClient{config_over(wire)}.create_database_table(
      {.name = "a.b.c", .database_instance_name = "i", .logical_database_name = "db"});
  EXPECT_THAT(wire->only_request(), IsRequest("POST", "/api/2.0/database/tables", R"({"name":"a.b.c",
    "database_instance_name":"i","logical_database_name":"db"})"));
  EXPECT_EQ(made, (DatabaseTable{.name = "a.b.c", .table_serving_url = "https://x"}));
}

TEST(GetDatabaseTable, KeepsItsNameOneSegment) {
  auto const wire = script({{200, R"({"name":"a.b.c/d"})"}});
  EXPECT_EQ(DatabaseClient{config_over(wire)}.get_database_table("a.b.c/d").name, "a.b.c/d");
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/database/tables/a.b.c%2Fd"));
}

TEST(DeleteDatabaseTable, SendsNoBody) {
  auto const wire = script({{200, "{}"}});
  DatabaseClient{config_over(wire)}.delete_database_table("a.b.c");
  EXPECT_THAT(wire->only_request(), IsRequest("DELETE", "/api/2.0/database/tables/a.b.c"));
}

}  // namespace
}  // namespace lakebase::tests
