#include "data_plane/front/vigil.hpp"

#include <gtest/gtest.h>

namespace lakebase::emulator {
namespace {

struct VigilTest : testing::Test {
  std::atomic<Vigil const*> last{nullptr};
  Vigil vigil{last, 2};
};

TEST_F(VigilTest, IsKeptByTheOnlySessionWithTraffic) {
  EXPECT_EQ(vigil.begin(), Vigil::Length::zero());
  EXPECT_EQ(vigil.begin(), Vigil::longest);
  EXPECT_EQ(vigil.begin(), Vigil::longest);
}

TEST_F(VigilTest, IsNotKeptWhileSessionsTakeTurns) {
  Vigil other{last, 2};
  for (int turn = 0; turn < 10; ++turn) {
    EXPECT_EQ(vigil.begin(), Vigil::Length::zero());
    EXPECT_EQ(other.begin(), Vigil::Length::zero());
  }
  EXPECT_EQ(other.begin(), Vigil::longest);
}

TEST_F(VigilTest, IsNotKeptForAWhileAfterOneInVain) {
  vigil.begin();
  ASSERT_EQ(vigil.begin(), Vigil::longest);
  vigil.was_in_vain();
  for (int wait = 0; wait < Vigil::waits_after_vain; ++wait) EXPECT_EQ(vigil.begin(), Vigil::Length::zero()) << wait;
  EXPECT_EQ(vigil.begin(), Vigil::longest);
}

TEST_F(VigilTest, IsNeverKeptOnASingleProcessor) {
  Vigil alone{last, 1};
  alone.begin();
  EXPECT_EQ(alone.begin(), Vigil::Length::zero());
}

}  // namespace
}  // namespace lakebase::emulator
