#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/lakebase.hpp>

#include "support/client_over.hpp"
#include "support/in_child.hpp"

namespace lakebase::tests {
namespace {

using namespace postgres;
using namespace std::chrono_literals;
using testing::FakeClock;
using ::testing::HasSubstr;
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
  auto const began = clock->now();
  std::vector<std::chrono::nanoseconds> polled;
  for (int i = 0; i < 120; ++i) wire->then(running);
  wire->then(finished);
  EXPECT_EQ(operation.wait({.on_poll = [&](auto const&) { polled.push_back(clock->now() - began); }}).name,
            "projects/p/branches/b");
  auto const sleeps = clock->sleeps();
  ASSERT_EQ(sleeps.size(), 121U);
  EXPECT_EQ(sleeps[0], 50ms);
  for (std::size_t i = 0; i < sleeps.size(); ++i) {
    auto const slept_at = i == 0 ? 0ns : polled[i - 1];
    EXPECT_GE(sleeps[i], 40ms);
    EXPECT_LE(sleeps[i], slept_at < 1min ? 2s : 10s);
  }
  EXPECT_GE(sleeps.back(), 8s);
  EXPECT_EQ(wire->requests().back().url, "https://example.cloud.databricks.com/api/2.0/postgres/" + std::string{name});
}

TEST_F(OperationTest, SeesWhatIsDoneSoonAfterForItsLength) {
  std::vector<std::pair<std::chrono::nanoseconds, std::chrono::nanoseconds>> const cases{
      {40ms, 50ms}, {500ms, 600ms}, {5s, 6s}, {10200ms, 12200ms}, {59s, 61s}, {10min, 10min + 10s}};
  for (auto const& [takes, seen_by] : cases) {
    for (int round = 0; round < 4; ++round) {
      auto const operation = started({running});
      auto const began = clock->now();
      for (int i = 0; i < 200; ++i) {
        wire->then_do([&, takes = takes](HttpRequest const&, TransportLimits const&) {
          return HttpResponse{.status = 200, .body = clock->now() - began < takes ? running.body : finished.body};
        });
      }
      operation.wait();
      EXPECT_LE(clock->now() - began, seen_by);
      EXPECT_GE(clock->now() - began, takes);
      wire = std::make_shared<ScriptedTransport>();
    }
  }
}

TEST_F(OperationTest, NeverPollsSoonerThanTheCallersFirstPause) {
  auto const operation = started({running});
  for (int i = 0; i < 20; ++i) wire->then(running);
  wire->then(finished);
  operation.wait({.poll_interval = 20s});
  for (auto const pause : clock->sleeps()) {
    EXPECT_GE(pause, 16s);
    EXPECT_LE(pause, 20s);
  }
}

TEST_F(OperationTest, TakesWhatAWaitLeavesOpenFromTheClient) {
  auto config = config_over(wire, clock);
  int told = 0;
  std::stop_source stop;
  config.wait = {
      .timeout = 3s, .poll_interval = 1s, .stop = stop.get_token(), .on_poll = [&](OperationProgress const&) {
        ++told;
      }};
  for (int i = 0; i < 100; ++i) wire->then(running);
  auto const operation = PostgresClient{config}.create_branch("projects/p", {}, "b");
  EXPECT_THROW(operation.wait(), OperationTimeout);
  EXPECT_EQ(clock->sleeps().front(), 1s);
  EXPECT_GE(told, 2);
  auto const began = clock->now();
  EXPECT_THROW(operation.wait({.timeout = 1min}), OperationTimeout);
  EXPECT_EQ(clock->now() - began, 1min);
  wire->then(finished);
  EXPECT_EQ(PostgresClient{config}
                .resume<CreateBranchOperation>(name)
                .wait({.timeout = std::chrono::nanoseconds::max()})
                .name,
            "projects/p/branches/b")
      << "for ever, and nothing overflows";
  stop.request_stop();
  EXPECT_THROW(operation.wait(), Cancelled);
}

TEST_F(OperationTest, EndsWithTheStopOfTheCallsWhereTheWaitHasNone) {
  std::stop_source stop;
  wire->then(running);
  auto const operation =
      PostgresClient{config_over(wire, clock)}.with({.stop = stop.get_token()}).create_branch("projects/p", {}, "b");
  stop.request_stop();
  EXPECT_THROW(operation.wait(), Cancelled);
  EXPECT_THROW(static_cast<void>(operation.done()), Cancelled);
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
  for (int i = 0; i < 40; ++i) wire->then(running);
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

TEST_F(OperationTest, GivesAPollNoMoreTimeThanAnyCall) {
  auto const operation = started({running, finished});
  operation.wait({.timeout = 1h});
  auto const limits = wire->limits();
  ASSERT_EQ(limits.size(), 2U);
  EXPECT_EQ(*limits[1].total, *limits[0].total) << "the budget of the client, not the hour";
}

TEST_F(OperationTest, StopsWhenAskedTo) {
  auto const operation = started({running});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(operation.wait({.stop = stop.get_token()}), Cancelled);
  EXPECT_EQ(wire->requests().size(), 1U);
}

TEST_F(OperationTest, TellsOfEachPoll) {
  ScriptedAnswer const told{200, R"({"name":"projects/p/branches/b/operations/1","metadata":{"percent":50}})"};
  auto const operation = started({running, told, {500, "{}"}, finished});
  std::vector<bool> seen;
  std::vector<std::string> metadata;
  auto const began = clock->now();
  operation.wait({.on_poll = [&](OperationProgress const& progress) {
    EXPECT_EQ(progress.name, name);
    EXPECT_EQ(progress.polls, static_cast<int>(seen.size()) + 1);
    EXPECT_EQ(progress.elapsed, clock->now() - began);
    seen.push_back(progress.done);
    metadata.push_back(progress.metadata.text);
  }});
  EXPECT_EQ(seen, (std::vector<bool>{false, false, true}));
  EXPECT_EQ(metadata, (std::vector<std::string>{R"({"percent":50})", R"({"percent":50})", ""}));
}

TEST_F(OperationTest, OutlivesAPollThatFailsForNow) {
  auto const operation = started({running});
  for (int i = 0; i < 100; ++i) wire->then({503, R"({"error_code":"TEMPORARILY_UNAVAILABLE","message":"later"})"});
  wire->then(finished);
  EXPECT_EQ(operation.wait().name, "projects/p/branches/b");
}

TEST_F(OperationTest, OutlivesPollsThatTheNextOneMayFareBetterThan) {
  using Kind = TransportError::Kind;
  auto const operation = started({running, {404, R"({"error_code":"NOT_FOUND","message":"operation not found"})"}});
  wire->then({500, R"({"error_code":"INTERNAL_ERROR","message":"oops"})"});
  wire->then({502, "<html>Bad gateway</html>"});
  for (auto const kind : {Kind::resolve, Kind::connect, Kind::tls, Kind::timeout, Kind::reset, Kind::truncated}) {
    for (int i = 0; i < 5; ++i) wire->then_throw(TransportError{kind, true, ErrorFacts{.message = "broken"}});
  }
  wire->then(finished);
  EXPECT_EQ(operation.wait().name, "projects/p/branches/b");
  EXPECT_EQ(wire->answers_left(), 0U);
}

// What an error that ends a wait says, as far as it is of this type.
template <class SomeError>
std::string end_of_wait(CreateBranchOperation const& operation, WaitOptions const& options = {}) {
  try {
    operation.wait(options);
  } catch (SomeError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("The operation goes on"));
    EXPECT_THAT(error.what(), HasSubstr(R"(w.postgres.resume<...>("projects/p/branches/b/operations/1"))"));
    return error.what();
  } catch (std::exception const& error) {
    ADD_FAILURE() << "another type: " << error.what();
  }
  return {};
}

TEST_F(OperationTest, IsUnknownForTenSecondsAtMost) {
  auto const operation = started({running});
  for (int i = 0; i < 100; ++i) wire->then({404, R"({"error_code":"NOT_FOUND","message":"operation not found"})"});
  auto const began = clock->now();
  EXPECT_THAT(end_of_wait<NotFound>(operation), HasSubstr("operation not found"));
  EXPECT_GE(clock->now() - began, 10s);
  EXPECT_LE(clock->now() - began, 12s);
}

TEST_F(OperationTest, SaysHowToResumeWhereAPollEndsTheWait) {
  EXPECT_THAT(
      end_of_wait<PermissionDenied>(started({running, {403, R"({"error_code":"PERMISSION_DENIED","message":"no"})"}})),
      HasSubstr("403 PERMISSION_DENIED: no"));
  end_of_wait<ParseError>(started({running, {200, "<html></html>"}}));
  end_of_wait<ParseError>(started({running, {200, "[]"}}));
  end_of_wait<ParseError>(started({running, {204, ""}}));
  auto const operation = started({running});
  wire->then_throw(TransportError{TransportError::Kind::certificate, false, ErrorFacts{.message = "a stranger"}});
  end_of_wait<TransportError>(operation);
}

TEST_F(OperationTest, SaysWhatTheLastPollCameToWhereTheTimeIsOver) {
  auto const operation = started({running});
  for (int i = 0; i < 100; ++i) wire->then({500, R"({"error_code":"INTERNAL_ERROR","message":"oops"})"});
  EXPECT_THAT(end_of_wait<OperationTimeout>(operation, {.timeout = 20s}), HasSubstr("500 INTERNAL_ERROR: oops"));
}

TEST_F(OperationTest, IsNotDoneWhileTheServiceDoesNotKnowItYet) {
  ScriptedAnswer const unknown{404, R"({"error_code":"NOT_FOUND","message":"operation not found"})"};
  auto const operation = started({running, unknown, unknown});
  EXPECT_FALSE(operation.done());
  clock->advance(11s);
  EXPECT_THROW(static_cast<void>(operation.done()), NotFound);
}

TEST_F(OperationTest, EndsOnAPollThatFailsForGood) {
  auto const operation = started({running, {403, R"({"error_code":"PERMISSION_DENIED","message":"no"})"}});
  EXPECT_THROW(operation.wait(), PermissionDenied);
}

TEST_F(OperationTest, IsDoneWhereAPollIsRespondedToWithTheResource) {
  auto const operation = started({running, {200, R"({"name":"projects/p/branches/b","uid":"u"})"}});
  EXPECT_EQ(operation.wait().uid, "u");
}

TEST_F(OperationTest, OfADeleteIsNotDoneBecauseAPollSaysNothing) {
  for (ScriptedAnswer const& nothing : {ScriptedAnswer{200, "{}"}, ScriptedAnswer{204, ""},
                                        ScriptedAnswer{200, R"({"name":"projects/p/branches/b"})"}}) {
    wire->then(running).then(nothing);
    auto const operation = PostgresClient{config_over(wire, clock)}.delete_branch("projects/p/branches/b");
    EXPECT_THROW(operation.wait(), ParseError);
  }
}

TEST_F(OperationTest, IsPickedUpByItsName) {
  wire->then(finished);
  auto const operation = PostgresClient{config_over(wire, clock)}.resume<CreateBranchOperation>(name);
  EXPECT_TRUE(wire->requests().empty());
  EXPECT_EQ(operation.wait().name, "projects/p/branches/b");
  EXPECT_THROW(static_cast<void>(PostgresClient{config_over(wire)}.resume<CreateBranchOperation>("projects/p")),
               InvalidArgument);
  EXPECT_THROW(
      static_cast<void>(PostgresClient{config_over(wire)}.resume<CreateBranchOperation>("projects//operations/1")),
      InvalidArgument);
  EXPECT_THROW(static_cast<void>(
                   PostgresClient{config_over(wire)}.resume<CreateBranchOperation>("projects/operations/branches/b")),
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

TEST_F(OperationTest, IsKnownToTheChildOfAForkWhateverOtherThreadsDo) {
  auto const operation = started({running});
  std::jthread const reader{[&](std::stop_token const& stop) {
    while (!stop.stop_requested()) static_cast<void>(operation.metadata());
  }};
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(in_child([&] {
                static_cast<void>(operation.metadata());
                return operation.name() == name ? 0 : 1;
              }),
              0);
  }
}

TEST_F(OperationTest, WithoutANameIsRefused) {
  wire->then({200, R"({"done":false})"});
  EXPECT_THROW(static_cast<void>(PostgresClient{config_over(wire, clock)}.create_branch("projects/p", {}, "b")),
               ParseError);
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
