#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <lakebase/lakebase.hpp>

#include "support/client_over.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;
using namespace std::chrono_literals;
using testing::FakeClock;
using testing::ScriptedAnswer;
using testing::ScriptedTransport;

constexpr auto name = "projects/p/branches/b/operations/1";
ScriptedAnswer const running{200, R"({"name":"projects/p/branches/b/operations/1","done":false,
  "metadata":{"@type":"type.googleapis.com/databricks.postgres.v1.BranchOperationMetadata"}})"};
ScriptedAnswer const finished{200, R"({"name":"projects/p/branches/b/operations/1","done":true,
  "response":{"@type":"x","name":"projects/p/branches/b"}})"};
ScriptedAnswer const emptied{200, R"({"name":"projects/p/branches/b/operations/1","done":true,
  "response":{"@type":"type.googleapis.com/google.protobuf.Empty"}})"};
ScriptedAnswer const failed{200, R"({"name":"projects/p/branches/b/operations/1","done":true,
  "error":{"error_code":"NOT_FOUND","message":"branch id not found","details":[
    {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"GONE","domain":"databricks.com"}]}})"};

class OperationTest : public ::testing::Test {
 protected:
  CreateBranchOperation started(std::initializer_list<ScriptedAnswer> answers) {
    for (auto const& answer : answers) wire->then(answer);
    return PostgresClient{config_over(wire, clock)}.create_branch("projects/p", {}, "b");
  }

  std::shared_ptr<ScriptedTransport> wire = std::make_shared<ScriptedTransport>();
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
};

TEST_F(OperationTest, WaitsThroughPausesThatGrowToTheCap) {
  auto const operation = started({running});
  for (int i = 0; i < 30; ++i) wire->then(running);
  wire->then(finished);
  EXPECT_EQ(operation.wait().name, "projects/p/branches/b");
  auto const sleeps = clock->sleeps();
  ASSERT_EQ(sleeps.size(), 31U);
  EXPECT_NEAR(static_cast<double>(sleeps[0].count()), 200e6, 41e6);
  EXPECT_NEAR(static_cast<double>(sleeps[1].count()), 300e6, 61e6);
  for (auto const pause : sleeps) EXPECT_LE(pause, 12s);
  EXPECT_GE(sleeps.back(), 8s);
  EXPECT_EQ(wire->requests().back().url, "https://example.cloud.databricks.com/api/2.0/postgres/" + std::string{name});
}

TEST_F(OperationTest, ReturnsAtOnceWhereTheFirstAnswerWasDone) {
  auto const operation = started({finished});
  EXPECT_EQ(operation.wait().name, "projects/p/branches/b");
  EXPECT_TRUE(operation.done());
  EXPECT_EQ(wire->requests().size(), 1U);
  EXPECT_TRUE(clock->sleeps().empty());
}

TEST_F(OperationTest, GivesTheServersErrorTyped) {
  auto const operation = started({running, failed});
  try {
    operation.wait();
    FAIL() << "no error";
  } catch (OperationFailed const& error) {
    EXPECT_EQ(error.operation_name(), name);
    EXPECT_EQ(error.error_code(), "NOT_FOUND");
    EXPECT_EQ(error.message(), "branch id not found");
    EXPECT_EQ(error.details().error_info.reason, "GONE");
    EXPECT_THROW(error.throw_api_error(), NotFound);
  }
  EXPECT_THROW(operation.wait(), OperationFailed) << "and again, without asking";
  EXPECT_EQ(wire->requests().size(), 2U);
}

TEST_F(OperationTest, AFailureThatMayBeTriedAgainStillEndsTheWait) {
  auto const operation = started({running, {200, R"({"name":"projects/p/branches/b/operations/1","done":true,
    "error":{"error_code":"TEMPORARILY_UNAVAILABLE","message":"no capacity"}})"}});
  EXPECT_THROW(operation.wait(), OperationFailed);
}

TEST_F(OperationTest, TimesOutWhenTheTimeIsOverAndStaysUsable) {
  auto const operation = started({running});
  for (int i = 0; i < 8; ++i) wire->then(running);
  auto const before = clock->now();
  try {
    operation.wait({.timeout = 2s});
    FAIL() << "no error";
  } catch (OperationTimeout const& error) {
    EXPECT_EQ(error.operation_name(), name);
    EXPECT_TRUE(error.retryable());
  }
  EXPECT_EQ(clock->now() - before, 2s);
  while (wire->answers_left() > 0) static_cast<void>(operation.done());
  wire->then(finished);
  EXPECT_EQ(operation.wait().name, "projects/p/branches/b");
}

TEST_F(OperationTest, AsksAtLeastOnceHoweverShortTheTime) {
  auto const operation = started({running, finished});
  EXPECT_EQ(operation.wait({.timeout = 10ms}).name, "projects/p/branches/b");
}

TEST_F(OperationTest, BoundsEachQuestionByWhatIsLeft) {
  auto const operation = started({running, running, finished});
  operation.wait({.timeout = 5s});
  auto const limits = wire->limits();
  ASSERT_EQ(limits.size(), 3U);
  EXPECT_LT(*limits[1].total, 5s);
  EXPECT_LT(*limits[2].total, *limits[1].total);
}

TEST_F(OperationTest, StopsWhenAskedTo) {
  auto const operation = started({running});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(operation.wait({.stop = stop.get_token()}), Cancelled);
  EXPECT_EQ(wire->requests().size(), 1U);
}

TEST_F(OperationTest, TellsOfEachQuestion) {
  auto const operation = started({running, running, finished});
  std::vector<bool> seen;
  operation.wait({.on_poll = [&](OperationProgress const& progress) {
    EXPECT_EQ(progress.name, name);
    EXPECT_EQ(progress.polls, static_cast<int>(seen.size()) + 1);
    seen.push_back(progress.done);
  }});
  EXPECT_EQ(seen, (std::vector<bool>{false, true}));
}

TEST_F(OperationTest, OutlivesAQuestionThatFailsForNow) {
  auto const operation = started({running});
  for (int i = 0; i < 100; ++i) wire->then({503, R"({"error_code":"TEMPORARILY_UNAVAILABLE","message":"later"})"});
  wire->then(finished);
  EXPECT_EQ(operation.wait().name, "projects/p/branches/b");
}

TEST_F(OperationTest, EndsOnAQuestionThatFailsForGood) {
  auto const operation = started({running, {403, R"({"error_code":"PERMISSION_DENIED","message":"no"})"}});
  EXPECT_THROW(operation.wait(), PermissionDenied);
}

TEST_F(OperationTest, IsPickedUpByItsName) {
  wire->then(finished);
  auto const operation = PostgresClient{config_over(wire, clock)}.resume<CreateBranchOperation>(name);
  EXPECT_TRUE(wire->requests().empty());
  EXPECT_EQ(operation.wait().name, "projects/p/branches/b");
  EXPECT_THROW(PostgresClient{config_over(wire)}.resume<CreateBranchOperation>("projects/p"), InvalidArgument);
  EXPECT_THROW(PostgresClient{config_over(wire)}.resume<CreateBranchOperation>("projects//operations/1"),
               InvalidArgument);
}

TEST_F(OperationTest, OfNothingEndsInNothing) {
  wire->then(running).then(emptied);
  PostgresClient{config_over(wire, clock)}.delete_branch("projects/p/branches/b").wait();
  EXPECT_EQ(wire->requests().size(), 2U);
}

TEST_F(OperationTest, CopiesShareWhatTheyKnow) {
  auto const operation = started({running, finished});
  auto const copy = operation;
  EXPECT_TRUE(copy.done());
  EXPECT_EQ(operation.wait().name, "projects/p/branches/b");
  EXPECT_EQ(wire->requests().size(), 2U);
}

TEST_F(OperationTest, WithoutANameIsRefused) {
  wire->then({200, R"({"done":false})"});
  EXPECT_THROW((PostgresClient{config_over(wire, clock)}.create_branch("projects/p", {}, "b")), ParseError);
}

TEST_F(OperationTest, WaitsForEver) {
  auto const operation = started({running});
  for (int i = 0; i < 30; ++i) wire->then(running);
  wire->then(finished);
  EXPECT_EQ(operation.wait({.timeout = std::chrono::nanoseconds::max()}).name, "projects/p/branches/b");
}

TEST_F(OperationTest, WaitsForNothingOrLess) {
  for (auto const span : {0ns, -1ns, std::chrono::nanoseconds::min()}) {
    EXPECT_THROW(started({running}).wait({.timeout = span}), OperationTimeout);
  }
}

TEST_F(OperationTest, TakesAnyFirstPause) {
  for (auto const pause : {std::chrono::nanoseconds::max(), 0ns, -1ns, std::chrono::nanoseconds::min()}) {
    auto const operation = started({running, finished});
    EXPECT_EQ(operation.wait({.timeout = 1h, .poll_interval = pause}).name, "projects/p/branches/b");
  }
}

}  // namespace
}  // namespace lakebase::tests
