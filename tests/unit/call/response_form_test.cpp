#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/lakebase.hpp>

#include "json/response.hpp"
#include "support/client_over.hpp"

// How a response is told to be what the call promises. That each method does so is for surface/forms_test.cpp to show.

namespace lakebase::tests {
namespace {

using namespace postgres;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ResponseForm, AnOperationIsNamedBySegments) {
  for (auto const* name :
       {"operations/1", "projects/p/operations/a+b=", "projects/p/branches/operations/operations/1"}) {
    EXPECT_TRUE(detail::names_operation(name)) << name;
  }
  for (auto const* name :
       {"", "/", "operations", "operations/", "projects/operations/branches/b", "a/myoperations/1"}) {
    EXPECT_FALSE(detail::names_operation(name)) << name;
  }
}

TEST(ResponseForm, AResourceIsNoOperationForAnIdThatReadsSo) {
  auto const name = "projects/p/branches/b/databases/operations/data-api";
  auto const wire = script(
      {{200, std::string{R"({"name":")"} + name + R"("})"}, {200, std::string{R"({"name":")"} + name + R"("})"}});
  EXPECT_EQ(client_over(wire).get_data_api(name).name, name);
  EXPECT_EQ(client_over(wire).create_data_api("projects/p/branches/b/databases/operations", {}).wait().name, name);
}

TEST(ResponseForm, AnOperationWithoutANameIsToldByDoneBesideItsOutcome) {
  auto const wire = script({{200, R"({"done":true,"response":{"name":"main.sales.orders"}})"}});
  EXPECT_EQ(client_over(wire).create_table({}).name, "main.sales.orders");
}

TEST(ResponseForm, ANameAloneIsNoOperation) {
  auto const wire = script({{200, R"({"name":"projects/p/branches/b"})"}});
  EXPECT_EQ(client_over(wire).create_branch("projects/p", {}, "b").wait().name, "projects/p/branches/b");
  EXPECT_EQ(wire->requests().size(), 1U);
}

TEST(ResponseForm, AnOperationThatAWriteShouldNotHaveIsWaitedForWithinItsBudget) {
  auto const clock = std::make_shared<testing::FakeClock>();
  auto const wire = script({});
  auto const running = R"({"name":"tables/t/operations/1","metadata":{}})";
  wire->then_do([&](HttpRequest const&, TransportLimits const&) {
    clock->advance(2s);
    return HttpResponse{.status = 200, .body = running};
  });
  for (int i = 0; i < 100; ++i) wire->then({200, running});
  auto const began = clock->now();
  auto const client = PostgresClient{config_over(wire, clock)}.with({.timeout = 5s});
  try {
    static_cast<void>(client.create_table({}));
    FAIL();
  } catch (OperationTimeout const& error) {
    EXPECT_EQ(error.operation_name(), "tables/t/operations/1");
    EXPECT_THAT(error.what(), HasSubstr("The operation goes on"));
  }
  EXPECT_EQ(clock->now() - began, 5s);
}

TEST(ResponseForm, AnOperationThatAReadShouldNotHaveIsNamed) {
  auto const wire = script({{200,
                             R"({"name":"projects/p/operations/1","done":true,"response":{"name":"projects/p"}})",
                             {{"x-request-id", "rid"}}}});
  try {
    static_cast<void>(client_over(wire).get_project("projects/p"));
    FAIL();
  } catch (ParseError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("GET /api/2.0/postgres/projects/p"));
    EXPECT_THAT(error.what(), HasSubstr("projects/p/operations/1"));
    EXPECT_EQ(error.request_id(), "rid");
  }
}

TEST(ResponseForm, ListsMayBeEmptyButNotSomethingElse) {
  auto const list = [](std::string const& body) {
    return client_over(script({{200, body}})).list_branches("projects/p").to_vector().size();
  };
  EXPECT_EQ(list("{}"), 0U);
  EXPECT_EQ(list(R"({"branches":null,"total":3})"), 0U);
  EXPECT_EQ(list(R"({"branches":[],"total":3})"), 0U);
  EXPECT_THROW(list(R"({"items":[{"name":"projects/p/branches/b"}]})"), ParseError);
  EXPECT_THROW(list(R"({"name":"projects/p/branches/b"})"), ParseError);
  EXPECT_THROW(list("[]"), ParseError);
  EXPECT_THROW(list(""), ParseError);
}

TEST(ResponseForm, AModelHasAMemberOfItsOwn) {
  auto const get = [](std::string const& body) {
    return client_over(script({{200, body}})).get_branch("projects/p/branches/b");
  };
  EXPECT_EQ(get(R"({"@type":"x","tomorrow":1,"uid":"u"})").uid, "u");
  for (auto const* body : {R"({"@type":"x"})", R"({"branch":{"name":"projects/p/branches/b"}})",
                           R"({"name":null,"spec":null})", R"({"done":false})", R"([{"name":"b"}])", R"("b")", " \n"}) {
    EXPECT_THROW(get(body), ParseError) << body;
  }
  try {
    get(R"({"password":"hunter2"})");
    FAIL();
  } catch (ParseError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("create_time"));
    EXPECT_THAT(error.what(), Not(HasSubstr("hunter2")));
  }
}

// What each kind of call makes of a response.
std::vector<std::function<void(PostgresClient const&)>> calls_of_each_kind() {
  return {[](auto const& client) { static_cast<void>(client.get_branch("projects/p/branches/b")); },
          [](auto const& client) { static_cast<void>(client.list_branches("projects/p").to_vector()); },
          [](auto const& client) { static_cast<void>(client.create_branch("projects/p", {}, "b")); },
          [](auto const& client) { static_cast<void>(client.delete_branch("projects/p/branches/b")); },
          [](auto const& client) { static_cast<void>(client.create_table({})); }};
}

TEST(ResponseForm, AnErrorUnderAStatusOfSuccessKeepsTheServicesWords) {
  for (auto const* body : {R"({"error_code":"PERMISSION_DENIED","message":"no way, says dapi0123456789abcdef"})",
                           R"({"error":{"error_code":"PERMISSION_DENIED","message":"no way"}})"}) {
    for (auto const& call : calls_of_each_kind()) {
      try {
        call(client_over(script({{200, body}})));
        ADD_FAILURE() << body;
      } catch (ParseError const& error) {
        EXPECT_EQ(error.error_code(), "PERMISSION_DENIED");
        EXPECT_THAT(error.what(), HasSubstr("it says: PERMISSION_DENIED: no way"));
        EXPECT_THAT(error.what(), HasSubstr("/api/2.0/postgres/"));
        EXPECT_THAT(error.what(), Not(HasSubstr("update the library")));
        EXPECT_THAT(error.what(), Not(HasSubstr("dapi0123456789abcdef")));
      }
    }
  }
}

TEST(ResponseForm, AnOperationWhoseNameCannotBePolledIsTheServicesError) {
  for (auto const* name : {"../../etc/operations/x", "projects//operations/x", "./operations/x"}) {
    auto const wire = script({{200, std::string{R"({"name":")"} + name + R"("})"}});
    try {
      static_cast<void>(client_over(wire).create_branch("projects/p", {}, "b"));
      ADD_FAILURE() << name;
    } catch (ParseError const& error) {
      EXPECT_EQ(error.method(), "POST");
      EXPECT_EQ(error.path(), "/api/2.0/postgres/projects/p/branches");
      EXPECT_THAT(error.what(), HasSubstr(name));
      EXPECT_THAT(error.what(), HasSubstr("cannot be polled"));
    }
  }
}

TEST(ResponseForm, AResultWithAWrongTypeNamesTheCallOrTheOperation) {
  try {
    static_cast<void>(client_over(script({{200, R"({"name":5})"}})).create_branch("projects/p", {}, "b"));
    FAIL();
  } catch (ParseError const& error) {
    EXPECT_EQ(error.json_path(), "name");
    EXPECT_THAT(error.what(), HasSubstr("POST /api/2.0/postgres/projects/p/branches: name: "));
  }
  auto const wire = script({{200, R"({"name":"projects/p/operations/1","done":true,"response":{"name":5}})"}});
  auto const operation = client_over(wire).create_branch("projects/p", {}, "b");
  try {
    static_cast<void>(operation.wait());
    FAIL();
  } catch (ParseError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("projects/p/operations/1: name: "));
  }
}

TEST(ResponseForm, ACredentialIsNeverEmpty) {
  auto const wire = script({{200, "{}"}});
  EXPECT_THROW(static_cast<void>(client_over(wire).generate_database_credential("projects/p/branches/b/endpoints/e")),
               ParseError);
}

TEST(ResponseForm, WhoTheCallerIsIsNeverEmpty) {
  auto const wire = script({{200, "{}"}, {200, R"({"userName":"ada@example.com","active":true})"}});
  CurrentUserClient const client{config_over(wire)};
  EXPECT_THROW(static_cast<void>(client.me()), ParseError);
  EXPECT_EQ(client.me().user_name, "ada@example.com");
}

TEST(ResponseForm, AFailureWithoutAWordSaysSo) {
  for (auto const* error : {"{}", "[]", R"({"error_code":null})", R"({"details":[]})", R"("")"}) {
    auto const wire = script({{200, std::string{R"({"name":"p/operations/1","done":true,"error":)"} + error + "}"}});
    try {
      client_over(wire).create_branch("projects/p", {}, "b").wait();
      FAIL() << error;
    } catch (OperationFailed const& failure) {
      EXPECT_THAT(failure.what(), HasSubstr("p/operations/1")) << error;
      EXPECT_THAT(failure.message(), HasSubstr("does not say why")) << error;
    }
  }
}

}  // namespace
}  // namespace lakebase::tests
