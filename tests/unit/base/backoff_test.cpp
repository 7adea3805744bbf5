#include "base/retry/backoff.hpp"

#include <algorithm>
#include <chrono>

#include <gtest/gtest.h>

namespace lakebase::tests {
namespace {

using namespace std::chrono_literals;
using detail::backoff;
using detail::BackoffRules;
using std::chrono::nanoseconds;

TEST(Backoff, MultipliesEachStepUpToTheLongest) {
  BackoffRules const rules{.first = 100ms, .factor = 2, .longest = 500ms};
  EXPECT_EQ(backoff(rules, 1), 100ms);
  EXPECT_EQ(backoff(rules, 2), 200ms);
  EXPECT_EQ(backoff(rules, 3), 400ms);
  EXPECT_EQ(backoff(rules, 4), 500ms);
  EXPECT_EQ(backoff(rules, 1'000'000), 500ms);
}

TEST(Backoff, AddsTheIncrementToEachStep) {
  BackoffRules const rules{.first = 1s, .increment = 1s, .longest = 10s};
  EXPECT_EQ(backoff(rules, 1), 1s);
  EXPECT_EQ(backoff(rules, 2), 2s);
  EXPECT_EQ(backoff(rules, 10), 10s);
  EXPECT_EQ(backoff(rules, 11), 10s);
}

TEST(Backoff, TakesAPartOfTheStepByChance) {
  BackoffRules const rules{.first = 8s, .jitter = {.least = 0.25, .most = 1.5}};
  EXPECT_EQ(backoff(rules, 1, {}, 0.0), 2s);
  EXPECT_EQ(backoff(rules, 1, {}, 0.5), 7s);
  for (int i = 0; i < 1000; ++i) {
    auto const pause = backoff(rules, 1);
    ASSERT_GE(pause, 2s);
    ASSERT_LT(pause, 12s);
  }
}

TEST(Backoff, AddsTheExtraByChance) {
  BackoffRules const rules{.first = 1s, .jitter = {.extra = 4s}};
  EXPECT_EQ(backoff(rules, 1, {}, 0.0), 1s);
  EXPECT_EQ(backoff(rules, 1, {}, 0.25), 2s);
}

TEST(Backoff, DrawsAnewEachTime) {
  BackoffRules const rules{.first = 1h, .jitter = {.least = 0}};
  auto const one = backoff(rules, 1);
  auto const another = backoff(rules, 1);
  EXPECT_NE(one, another);
}

TEST(Backoff, IsNeverLessThanWasAskedFor) {
  BackoffRules const rules{.first = 1s, .jitter = {.least = 0}};
  EXPECT_EQ(backoff(rules, 1, 30s), 30s);
  EXPECT_EQ(backoff(rules, 1, 500ms, 0.75), 750ms);
}

TEST(Backoff, BearsAnySpanAndAnyCount) {
  BackoffRules const endless{.first = nanoseconds::max(), .factor = 2};
  EXPECT_EQ(backoff(endless, 5), nanoseconds::max());
  BackoffRules const below_zero{.first = -1s, .factor = 2};
  EXPECT_EQ(backoff(below_zero, 5), 0s);
  BackoffRules const usual{.first = 1s, .factor = 2, .longest = 1min};
  EXPECT_EQ(backoff(usual, 0), 1s);
  EXPECT_EQ(backoff(usual, -7), 1s);
}

TEST(WithJitter, LeavesAStepAloneWithoutOne) {
  EXPECT_EQ(detail::with_jitter(3s, {}), 3s);
}

}  // namespace
}  // namespace lakebase::tests
