#include "base/retry/retry_loop.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/testing/fake_clock.hpp>

namespace lakebase::tests {
namespace {

using namespace std::chrono_literals;
using detail::RetryLimits;
using detail::RetryLoop;
using std::chrono::nanoseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Pause = std::optional<nanoseconds>;

// Steps that note what they are asked, and fail until the attempt of a number.
struct Steps {
  testing::FakeClock clock{};
  RetryLoop loop;
  int succeeds_at = 1;
  std::function<Pause()> verdict = [] { return Pause{1s}; };
  std::vector<std::string> asked{};

  explicit Steps(RetryLimits limits = {}) : loop(clock, std::move(limits)) {}
  std::string run() { return loop.run(*this); }

  void check() {
    asked.emplace_back("check");
    if (loop.left() == 0s) throw std::runtime_error("no time");
  }
  std::optional<std::string> attempt() {
    asked.emplace_back("attempt");
    if (loop.attempts() < succeeds_at) return std::nullopt;
    return "done at " + std::to_string(loop.attempts());
  }
  Pause next_pause() {
    asked.emplace_back("verdict");
    return verdict();
  }
  std::string give_up() {
    asked.emplace_back("give up");
    return "gave up at " + std::to_string(loop.attempts());
  }
  [[noreturn]] void throw_stopped() { throw std::runtime_error("stopped"); }
};

RetryLimits until(std::chrono::steady_clock::time_point deadline) {
  return {.deadline = deadline};
}

TEST(RetryLoop, EndsWithTheFirstResult) {
  Steps steps;
  EXPECT_EQ(steps.run(), "done at 1");
  EXPECT_THAT(steps.asked, ElementsAre("check", "attempt"));
  EXPECT_THAT(steps.clock.sleeps(), IsEmpty());
}

TEST(RetryLoop, PausesAsTheVerdictSaysAndChecksBeforeEachAttempt) {
  Steps steps;
  steps.succeeds_at = 3;
  steps.verdict = [&] { return Pause{steps.loop.attempts() * 1s}; };
  EXPECT_EQ(steps.run(), "done at 3");
  EXPECT_THAT(steps.asked,
              ElementsAre("check", "attempt", "verdict", "check", "attempt", "verdict", "check", "attempt"));
  EXPECT_THAT(steps.clock.sleeps(), ElementsAre(1s, 2s));
}

TEST(RetryLoop, GoesOnAtOnceAfterNoPause) {
  Steps steps;
  steps.succeeds_at = 2;
  steps.verdict = [] { return Pause{0s}; };
  EXPECT_EQ(steps.run(), "done at 2");
  EXPECT_THAT(steps.clock.sleeps(), IsEmpty());
}

TEST(RetryLoop, GivesUpIfTheVerdictSaysSo) {
  Steps steps;
  steps.succeeds_at = 9;
  steps.verdict = [] { return Pause{}; };
  EXPECT_EQ(steps.run(), "gave up at 1");
  EXPECT_THAT(steps.asked, ElementsAre("check", "attempt", "verdict", "give up"));
}

TEST(RetryLoop, FitsNoPauseAfterTheMostAttempts) {
  Steps steps{{.max_attempts = 3}};
  steps.succeeds_at = 9;
  steps.verdict = [&] { return steps.loop.fitting(1s); };
  EXPECT_EQ(steps.run(), "gave up at 3");
  EXPECT_THAT(steps.clock.sleeps(), ElementsAre(1s, 1s));
}

TEST(RetryLoop, FitsNoPauseThatReachesTheDeadline) {
  testing::FakeClock const same;
  Steps steps{until(same.now() + 10s)};
  EXPECT_EQ(steps.loop.fitting(9s), Pause{9s});
  EXPECT_EQ(steps.loop.fitting(10s), Pause{});
  steps.clock.advance(4s);
  EXPECT_EQ(steps.loop.left(), 6s);
  EXPECT_EQ(steps.loop.elapsed(), 4s);
  EXPECT_EQ(steps.loop.fitting(6s), Pause{});
  steps.clock.advance(6s);
  EXPECT_EQ(steps.loop.fitting(0s), Pause{});
}

TEST(RetryLoop, LeavesTheEndOfTheTimeToTheCheck) {
  testing::FakeClock const same;
  Steps steps{until(same.now() + 1s)};
  steps.succeeds_at = 2;
  EXPECT_THROW(steps.run(), std::runtime_error);  // a pause of all the time that is left
  EXPECT_EQ(steps.loop.attempts(), 1);
}

TEST(RetryLoop, TellsTheOwnerIfThePauseIsStopped) {
  for (auto const pause : {0s, 1s}) {
    std::stop_source stop;
    Steps steps{{.stop = stop.get_token()}};
    steps.succeeds_at = 9;
    steps.verdict = [&] {
      stop.request_stop();
      return Pause{pause};
    };
    EXPECT_THROW(steps.run(), std::runtime_error);
    EXPECT_TRUE(steps.loop.is_stopped());
    EXPECT_EQ(steps.loop.attempts(), 1);
    EXPECT_THAT(steps.clock.sleeps(), IsEmpty());
  }
}

TEST(RetryLoop, HasNoLimitsUnlessToldSo) {
  Steps steps;
  EXPECT_FALSE(steps.loop.is_stopped());
  EXPECT_GT(steps.loop.left(), 24h);
  EXPECT_EQ(steps.loop.fitting(24h), Pause{24h});
}

}  // namespace
}  // namespace lakebase::tests
