#include <lakebase/clock.hpp>

#include <chrono>

#include <gtest/gtest.h>

namespace lakebase {
namespace {

using namespace std::chrono_literals;

TEST(SystemClock, ShowsBothTimesAtOnce) {
  auto const clock = make_system_clock();
  auto const steady = clock->now();
  auto const system = clock->system_now();
  auto const both = clock->times();
  EXPECT_GE(both.steady, steady);
  EXPECT_LE(both.steady, clock->now());
  EXPECT_GE(both.system, system - 1s);  // it may be behind by some milliseconds, or the machine's date was set
  EXPECT_LE(both.system, clock->system_now() + 1s);
}

}  // namespace
}  // namespace lakebase
