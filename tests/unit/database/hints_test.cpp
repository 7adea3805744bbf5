#include <functional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/workspace_client.hpp>

#include "database/service.hpp"
#include "http/hints.hpp"
#include "support/client_over.hpp"

namespace lakebase::detail {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string hint_of_database(int status, std::string const& message) {
  return hint_for({.message = message, .http_status = status}, advice_of_database);
}

TEST(DatabaseHints, KnowTheCommonIssues) {
  EXPECT_THAT(hint_of_database(400, "DELETE request must have purge=true parameter"), HasSubstr("leave `purge` out"));
  for (int const status : {400, 409}) {
    EXPECT_THAT(hint_of_database(status, "Instance name is not unique"), HasSubstr("still being deleted")) << status;
  }
  EXPECT_THAT(hint_of_database(400, "the instance has children"), HasSubstr("set `force`"));
  EXPECT_THAT(hint_of_database(501, "Update Database Catalog is not yet implemented"), HasSubstr("create another"));
  EXPECT_THAT(hint_of_database(400, "the instance is stopped"), HasSubstr("Start the instance first"));
  EXPECT_THAT(hint_of_database(400, "enable_readable_secondaries needs more nodes"), HasSubstr("node_count of 2"));
  EXPECT_THAT(hint_of_database(400, "invalid capacity CU_3"), HasSubstr("CU_1, CU_2, CU_4 and CU_8"));
  EXPECT_THAT(hint_of_database(400, "retention_window_in_days is out of range"), HasSubstr("2 to 35 days"));
  EXPECT_THAT(hint_of_database(400, "unknown field in update_mask"), HasSubstr("\"capacity,stopped\""));
  EXPECT_THAT(hint_of_database(404, "database instance with name 'x' not found"), HasSubstr("list_database_instances"));
  EXPECT_THAT(hint_of_database(403, "needs CAN_MANAGE"), HasSubstr("Ask an owner of the instance"));
  EXPECT_THAT(hint_of_database(400, "Change Data Feed is not enabled"), HasSubstr("delta.enableChangeDataFeed"));
  EXPECT_EQ(hint_of_database(404, "database catalog with name 'x' not found"), "");
}

TEST(DatabaseHints, AreInTheErrorsOfTheClientAndOfCallsByPath) {
  testing::ScriptedAnswer const refused{400, R"({"message":"bad update_mask"})"};
  auto const wire = tests::script({refused, refused, refused});
  WorkspaceClient const client{tests::config_over(wire)};
  auto const hint = [](std::function<void()> const& call) -> std::string {
    try {
      call();
    } catch (BadRequest const& error) {
      return error.hint();
    }
    return "no error";
  };
  EXPECT_THAT(hint([&] { static_cast<void>(client.database.get_database_instance("i")); }),
              HasSubstr("capacity,stopped"));
  EXPECT_THAT(hint([&] { client.call("GET", "/api/2.0/database/instances/i"); }), HasSubstr("capacity,stopped"));
  EXPECT_THAT(hint([&] { client.call("GET", "/api/2.0/postgres/projects/p"); }), Not(HasSubstr("capacity,stopped")));
}

}  // namespace
}  // namespace lakebase::detail
