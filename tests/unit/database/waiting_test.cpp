#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/at.hpp>
#include <lakebase/database_client.hpp>
#include <lakebase/error.hpp>

#include "support/client_over.hpp"
#include "support/is_request.hpp"

// The wait for a new instance: the general machinery is tested by tests/unit/call.

namespace lakebase::tests {
namespace {

using namespace database;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ScriptedAnswer;

ScriptedAnswer instance_in(std::string const& state, std::string const& more = "") {
  return {200, R"({"name":"i","state":")" + state + "\"" + more + "}"};
}

class InstanceWait : public ::testing::Test {
 protected:
  CreateDatabaseInstanceOperation started(std::initializer_list<ScriptedAnswer> answers) {
    for (auto const& answer : answers) wire->then(answer);
    return client.create_database_instance({.name = "i"});
  }
  static std::string failure_of(CreateDatabaseInstanceOperation const& operation, WaitOptions const& options = {}) {
    try {
      static_cast<void>(operation.wait(options));
    } catch (OperationFailed const& error) {
      EXPECT_EQ(error.operation_name(), "i");
      return error.what();
    }
    return "no failure";
  }

  std::shared_ptr<testing::ScriptedTransport> wire = std::make_shared<testing::ScriptedTransport>();
  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
  DatabaseClient client{config_over(wire, clock)};
};

TEST_F(InstanceWait, PollsTheInstanceUntilItIsAvailable) {
  auto const operation = started({instance_in("STARTING"), instance_in("STARTING"), instance_in("UPDATING"),
                                  instance_in("A_STATE_OF_TOMORROW"),
                                  instance_in("AVAILABLE", R"(,"read_write_dns":"ep-1.example.com")")});
  EXPECT_EQ(operation.name(), "i");
  EXPECT_EQ(operation.metadata().state, DatabaseInstanceState::starting);
  EXPECT_FALSE(operation.done());
  std::vector<std::string> states;
  auto const instance = operation.wait({.on_poll = [&](OperationProgress const& progress) {
    auto const polled = from_json<DatabaseInstance>(progress.metadata.text);
    states.emplace_back(lakebase::at(polled, &DatabaseInstance::state).wire());
  }});
  EXPECT_EQ(instance.read_write_dns, "ep-1.example.com");
  EXPECT_THAT(states, ElementsAre("UPDATING", "A_STATE_OF_TOMORROW", "AVAILABLE"));
  EXPECT_THAT(wire->requests().back(), IsRequest("GET", "/api/2.0/database/instances/i"));
  EXPECT_EQ(wire->requests().size(), 5U);
  EXPECT_TRUE(operation.done());
}

TEST_F(InstanceWait, IsOverIfTheInstanceIsAvailableAtOnce) {
  EXPECT_EQ(started({instance_in("AVAILABLE")}).wait().name, "i");
  EXPECT_EQ(wire->requests().size(), 1U);
}

TEST_F(InstanceWait, EndsForAnInstanceThatIsCreatedStopped) {
  for (auto const& stopped : {instance_in("STARTING", R"(,"effective_stopped":true)"),
                              instance_in("STOPPED", R"(,"effective_stopped":true)"), instance_in("STOPPED")}) {
    EXPECT_THAT(failure_of(started({stopped})), HasSubstr("never becomes AVAILABLE: start it")) << stopped.body;
    EXPECT_THAT(failure_of(started({instance_in("STARTING"), stopped})), HasSubstr("i is stopped, or is to be"));
  }
  EXPECT_EQ(started({instance_in("STOPPED", R"(,"effective_stopped":false)"), instance_in("AVAILABLE")}).wait().name,
            "i")
      << "somebody has started it";
  EXPECT_EQ(wire->answers_left(), 0U);
}

TEST_F(InstanceWait, EndsForAnInstanceThatIsBeingDeleted) {
  EXPECT_THAT(failure_of(started({instance_in("STARTING"), instance_in("DELETING")})), HasSubstr("i is being deleted"));
}

TEST_F(InstanceWait, EndsForAnInstanceThatIsGone) {
  auto const operation = started({instance_in("STARTING")});
  auto const began = clock->now();
  ScriptedAnswer const missing{404, R"({"error_code":"NOT_FOUND","message":"Database instance 'i' not found"})"};
  for (int i = 0; i < 100; ++i) wire->then(missing);
  EXPECT_THAT(failure_of(operation), AllOf(HasSubstr("i is gone: it was deleted before it became AVAILABLE"),
                                           HasSubstr("Database instance 'i' not found"), Not(HasSubstr("goes on"))));
  EXPECT_GE(clock->now() - began, 10s) << "the service may lag behind";
}

TEST_F(InstanceWait, GoesOnThroughFaultsAndALagOfTheService) {
  auto const operation = started({instance_in("STARTING"), {404, "{}"}, {500, "{}"}, instance_in("AVAILABLE")});
  EXPECT_EQ(operation.wait().name, "i");
}

TEST_F(InstanceWait, SaysHowToResumeAndDoes) {
  auto const operation = started({instance_in("STARTING")});
  for (int i = 0; i < 100; ++i) wire->then(instance_in("STARTING"));
  try {
    static_cast<void>(operation.wait({.timeout = 2s}));
    FAIL() << "available";
  } catch (OperationTimeout const& error) {
    EXPECT_THAT(error.what(), HasSubstr("w.database.resume<...>(\"i\")"));
  }
  auto const other = std::make_shared<testing::ScriptedTransport>();
  other->then(instance_in("AVAILABLE"));
  EXPECT_EQ(DatabaseClient{config_over(other)}.resume<CreateDatabaseInstanceOperation>("i").wait().name, "i");
}

TEST_F(InstanceWait, TakesNothingElseForAnInstance) {
  for (auto const* body : {"", "{}", "null", R"({"error_code":"X","message":"no instance"})", R"({"state":"STARTING"})",
                           R"({"name":"a/b","state":"STARTING"})"}) {
    wire->then({200, body});
    EXPECT_THROW(static_cast<void>(client.create_database_instance({.name = "i"})), ParseError) << body;
  }
}

TEST_F(InstanceWait, FollowsALongRunningOperationToo) {
  auto const operation = started({{200, R"({"name":"projects/i/operations/1","done":false})"},
                                  {200, R"({"name":"projects/i/operations/1","done":true,
                                            "response":{"name":"i","state":"AVAILABLE"}})"}});
  EXPECT_EQ(operation.wait().name, "i");
  EXPECT_THAT(wire->requests().back(), IsRequest("GET", "/api/2.0/database/projects/i/operations/1"));
}

}  // namespace
}  // namespace lakebase::tests
