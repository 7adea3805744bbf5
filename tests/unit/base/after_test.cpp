#include "base/after.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace lakebase::detail {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using Moment = std::chrono::steady_clock::time_point;
using Date = std::chrono::sys_time<std::chrono::microseconds>;

TEST(After, AddsWhatTheClockCanHold) {
  EXPECT_EQ(after(Moment{1h}, 90s), Moment{1h + 90s});
  EXPECT_EQ(after(Moment{1h}, 0ns), Moment{1h});
  EXPECT_EQ(after(Moment{1h}, -2h), Moment{-1h});
  EXPECT_EQ(after(Date{1h}, 1500ns), Date{1h + 1us});
}

TEST(After, EndsWithTheClock) {
  for (auto const moment : {Moment{}, Moment{1ns}, Moment{1h}, Moment{24h * 365}, Moment::max()}) {
    EXPECT_EQ(after(moment, nanoseconds::max()), Moment::max());
  }
  EXPECT_EQ(after(Moment::max() - 1s, 1s), Moment::max());
  EXPECT_EQ(after(Moment::max() - 1s, 2s), Moment::max());
  EXPECT_EQ(after(Moment::min(), -1ns), Moment::min());
  EXPECT_EQ(after(Moment{-1ns}, nanoseconds::min()), Moment::min());
  EXPECT_EQ(after(Moment{1h}, nanoseconds::min()), Moment::min() + 1h);
  EXPECT_EQ(after(Moment::max(), nanoseconds::min()), Moment{-1ns});
}

TEST(TimeLeft, IsNeverBelowZeroNorMoreThanAWaitCanTake) {
  EXPECT_EQ(time_left(Moment{1h}, Moment{1h + 5s}), 5s);
  EXPECT_EQ(time_left(Moment{1h}, Moment{1h}), 0s);
  EXPECT_EQ(time_left(Moment{1h}, Moment{}), 0s);
  EXPECT_EQ(time_left(Moment{1h}, Moment::max()), longest_single_wait);
  EXPECT_EQ(time_left(Moment{}, Moment::max()), longest_single_wait);
  EXPECT_EQ(time_left(Moment::min(), Moment::max()), longest_single_wait);
  EXPECT_EQ(time_left(Moment::max(), Moment::min()), 0s);
}

TEST(Times, EndsWithTheSpan) {
  EXPECT_EQ(times(0.5, 3s), 1500ms);
  EXPECT_EQ(times(1.1, nanoseconds::max()), nanoseconds::max());
  EXPECT_EQ(times(1.0, nanoseconds::max()), nanoseconds::max());
  EXPECT_EQ(times(1e300, 1h), nanoseconds::max());
  EXPECT_EQ(times(0.5, -1s), 0s);
  EXPECT_EQ(times(0, nanoseconds::max()), 0s);
  EXPECT_EQ(times(std::numeric_limits<double>::quiet_NaN(), 1s), 0s);
}

}  // namespace
}  // namespace lakebase::detail
