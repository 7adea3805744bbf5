#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <lakebase/postgres_client.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;

TEST(GetOperation, ReadsARunningOne) {
  auto const wire = script({{200, R"({"name":"projects/p/operations/bG9uZw==",
    "metadata":{"@type":"type.googleapis.com/databricks.postgres.v1.ProjectOperationMetadata"},"done":false})"}});
  auto const operation = client_over(wire).get_operation("projects/p/operations/bG9uZw==");
  EXPECT_THAT(wire->only_request(), IsRequest("GET", "/api/2.0/postgres/projects/p/operations/bG9uZw%3D%3D"));
  EXPECT_EQ(operation.name, "projects/p/operations/bG9uZw==");
  EXPECT_EQ(operation.done, false);
  EXPECT_EQ(nlohmann::json::parse(operation.metadata->text)["@type"],
            "type.googleapis.com/databricks.postgres.v1.ProjectOperationMetadata");
  EXPECT_EQ(operation.error, std::nullopt);
  EXPECT_EQ(operation.response, std::nullopt);
}

TEST(GetOperation, ReadsAResult) {
  auto const wire = script({{200, R"({"name":"projects/p/operations/1","done":true,
    "response":{"@type":"type.googleapis.com/databricks.postgres.v1.Project","name":"projects/p"}})"}});
  auto const operation = client_over(wire).get_operation("projects/p/operations/1");
  EXPECT_EQ(operation.done, true);
  EXPECT_EQ(from_json<Project>(operation.response->text).name, "projects/p");
}

TEST(GetOperation, ReadsAFailure) {
  auto const wire = script({{200, R"({"name":"projects/p/operations/1","done":true,
    "error":{"error_code":"RESOURCE_EXHAUSTED","message":"too many projects","stack_trace":"at x",
      "details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"QUOTA"},{"b":[1,null]}]}})"}});
  auto const error = client_over(wire).get_operation("projects/p/operations/1").error.value();
  EXPECT_EQ(error.error_code, ErrorCode::resource_exhausted);
  EXPECT_EQ(error.message, "too many projects");
  EXPECT_EQ(error.stack_trace, "at x");
  ASSERT_EQ(error.details.size(), 2U);
  EXPECT_EQ(nlohmann::json::parse(error.details[0].text)["reason"], "QUOTA");
  EXPECT_EQ(nlohmann::json::parse(error.details[1].text), nlohmann::json::parse(R"({"b":[1,null]})"));
}

}  // namespace
}  // namespace lakebase::tests
