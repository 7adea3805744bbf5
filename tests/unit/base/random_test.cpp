#include "base/random.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "support/in_child.hpp"

namespace lakebase::tests {
namespace {

TEST(RandomFraction, LiesBelowOneAndIsSpread) {
  double least = 1;
  double most = 0;
  for (int i = 0; i < 10000; ++i) {
    auto const fraction = detail::random_fraction();
    ASSERT_GE(fraction, 0);
    ASSERT_LT(fraction, 1);
    least = std::min(least, fraction);
    most = std::max(most, fraction);
  }
  EXPECT_LT(least, 0.01);
  EXPECT_GT(most, 0.99);
}

TEST(RandomFraction, IsAnotherSequenceInAnotherThread) {
  double here = detail::random_fraction();
  double there = here;
  std::thread{[&] { there = detail::random_fraction(); }}.join();
  EXPECT_NE(here, there);
}

TEST(RandomFraction, IsAnotherSequenceInEachChildOfAFork) {
  detail::random_fraction();
  auto const draw = [] { return static_cast<int>(detail::random_fraction() * 200); };
  int same = 0;
  for (int i = 0; i < 4; ++i) same += in_child(draw) == in_child(draw) ? 1 : 0;
  EXPECT_LT(same, 4);
}

TEST(RandomBytes, AreAsManyAsAskedForAndOthersEachTime) {
  EXPECT_EQ(detail::random_bytes(0), "");
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    auto const bytes = detail::random_bytes(16);
    EXPECT_EQ(bytes.size(), 16U);
    seen.insert(bytes);
  }
  EXPECT_EQ(seen.size(), 1000U);
}

}  // namespace
}  // namespace lakebase::tests
