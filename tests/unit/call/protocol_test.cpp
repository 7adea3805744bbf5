#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <lakebase/error.hpp>
#include <lakebase/postgres/branch.hpp>
#include <lakebase/testing/fake_clock.hpp>
#include <lakebase/testing/scripted_transport.hpp>

#include "call/call.hpp"
#include "support/client_over.hpp"

// What is followed by another protocol than that of long-running operations: a resource that is polled by its own name
// until its state is final. (A branch stands for it, whose JSON is in the library.)

namespace lakebase::detail {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using InstanceOperation = Operation<postgres::Branch, postgres::Branch>;

Request poll_of_instance(std::string_view name) {
  return Request::get("/api/2.0/instances/{}", Segment{name});
}

OperationStatus read_instance(std::string_view body, bool /*has_result*/) {
  auto const json = nlohmann::json::parse(body);
  OperationStatus status{.name = json.value("name", ""),
                         .done = json.value("state", "") != "STARTING",
                         .metadata = {std::string{body}},
                         .response = {std::string{body}}};
  if (json.value("state", "") == "FAILED") status.error = JsonText{R"({"message":"the instance did not start"})"};
  return status;
}

constexpr OperationProtocol instances{.poll = poll_of_instance,
                                      .read_start = [](std::string_view body, std::string_view,
                                                       ExpectedResult const*) { return read_instance(body, true); },
                                      .read_state = read_instance};

class ProtocolTest : public ::testing::Test {
 protected:
  InstanceOperation started(OperationProtocol const& protocol) {
    wire->then({200, R"({"name":"my/instance","state":"STARTING"})"});
    return start<InstanceOperation>(api, Request::post("/api/2.0/instances").empty_body(), protocol);
  }

  std::shared_ptr<testing::ScriptedTransport> wire = std::make_shared<testing::ScriptedTransport>();
  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
  ApiClientPointer api = std::make_shared<ApiClient const>(tests::config_over(wire, clock));
};

TEST_F(ProtocolTest, PollsAnInstanceByItsNameUntilItsStateIsFinal) {
  auto const instance = started(instances);
  EXPECT_EQ(instance.name(), "my/instance");
  EXPECT_EQ(instance.metadata().name, "my/instance");
  wire->then({200, R"({"name":"my/instance","state":"STARTING"})"});
  EXPECT_FALSE(instance.done());
  wire->then({200, R"({"name":"my/instance","state":"AVAILABLE","uid":"u"})"});
  EXPECT_EQ(instance.wait().uid, "u");
  EXPECT_THAT(wire->requests().back().url, EndsWith("/api/2.0/instances/my%2Finstance"));
}

TEST_F(ProtocolTest, IsDoneAtOnceWhereTheFirstStateIsFinal) {
  wire->then({200, R"({"name":"i","state":"AVAILABLE"})"});
  auto const instance = start<InstanceOperation>(api, Request::post("/api/2.0/instances").empty_body(), instances);
  EXPECT_EQ(instance.wait().name, "i");
  EXPECT_EQ(wire->requests().size(), 1U);
}

TEST_F(ProtocolTest, FailsAsTheStateReaderSays) {
  auto const instance = started(instances);
  wire->then({200, R"({"name":"my/instance","state":"FAILED"})"});
  try {
    instance.wait();
    FAIL();
  } catch (OperationFailed const& error) {
    EXPECT_EQ(error.operation_name(), "my/instance");
    EXPECT_THAT(error.what(), HasSubstr("the instance did not start"));
  }
}

TEST_F(ProtocolTest, NamesTheClientThatPicksItUp) {
  auto const failure = [&](OperationProtocol const& protocol) -> std::string {
    auto const instance = started(protocol);
    wire->then({403, "{}"});
    try {
      instance.wait();
    } catch (PermissionDenied const& error) {
      return error.hint();
    }
    return {};
  };
  auto with_client = instances;
  with_client.client = "w.database";
  EXPECT_THAT(failure(with_client), HasSubstr("pick it up with w.database.resume<...>(\"my/instance\")"));
  EXPECT_THAT(failure(instances), HasSubstr("The operation goes on."));
  EXPECT_THAT(failure(instances), Not(HasSubstr("pick it up")));
}

TEST_F(ProtocolTest, EndsWhenWhatItPollsIsGone) {
  auto protocol = instances;
  protocol.client = "w.database";
  protocol.gone = "is gone: it was deleted";
  auto const instance = started(protocol);
  testing::ScriptedAnswer const missing{404, R"({"error_code":"NOT_FOUND","message":"no \"such\" instance"})"};
  wire->then(missing);
  EXPECT_FALSE(instance.done()) << "the service may lag behind";
  clock->advance(std::chrono::seconds{10});
  wire->then(missing);
  try {
    instance.wait();
    FAIL();
  } catch (OperationFailed const& error) {
    EXPECT_THAT(error.what(), HasSubstr("my/instance is gone: it was deleted (no \"such\" instance)"));
    EXPECT_THAT(error.what(), Not(HasSubstr("goes on")));
    EXPECT_EQ(error.error_code(), "NOT_FOUND");
  }
  EXPECT_TRUE(instance.done()) << "and is not asked for again";
  EXPECT_EQ(wire->answers_left(), 0U);
}

TEST_F(ProtocolTest, RefusesANameThatCannotBePolled) {
  EXPECT_THROW(resume_operation(api, "..", instances, true), InvalidArgument);
  wire->then({200, R"({"name":"..","state":"STARTING"})"});
  try {
    static_cast<void>(start<InstanceOperation>(api, Request::post("/api/2.0/instances").empty_body(), instances));
    FAIL();
  } catch (ParseError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("a name that cannot be polled: \"..\""));
  }
}

TEST_F(ProtocolTest, AServiceWithoutOperationsWaitsForNone) {
  wire->then({200, R"({"name":"x/operations/1","done":false})"});
  try {
    perform(api, Request::del("/api/2.0/x"));
    FAIL();
  } catch (ParseError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("is a long-running operation: x/operations/1"));
  }
}

}  // namespace
}  // namespace lakebase::detail
