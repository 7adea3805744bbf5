#include "data_plane/front/vigil.hpp"

#include <gtest/gtest.h>

namespace lakebase::emulator {
namespace {

struct VigilTest : testing::Test {
  std::atomic<Vigil const*> last{nullptr};
  Vigil vigil{last, 2};

  static void be_alone(Vigil& one) {
    for (int wait = 0; wait < Vigil::waits_of_alone; ++wait) EXPECT_EQ(one.begin(), Vigil::Length::zero()) << wait;
  }
};

TEST_F(VigilTest, IsKeptByTheOnlySessionWithTraffic) {
  be_alone(vigil);
  EXPECT_EQ(vigil.begin(), Vigil::longest);
  EXPECT_EQ(vigil.begin(), Vigil::longest);
}

TEST_F(VigilTest, IsNotKeptWhileSessionsTakeTurns) {
  Vigil other{last, 2};
  be_alone(vigil);
  for (int turn = 0; turn < 100; ++turn) {
    // A statement makes two waits.
    for (auto* one : {&other, &vigil}) {
      EXPECT_EQ(one->begin(), Vigil::Length::zero());
      EXPECT_EQ(one->begin(), Vigil::Length::zero());
    }
  }
  be_alone(other);
  EXPECT_EQ(other.begin(), Vigil::longest);
}

TEST_F(VigilTest, IsNotKeptForAWhileAfterOneInVain) {
  be_alone(vigil);
  ASSERT_EQ(vigil.begin(), Vigil::longest);
  vigil.was_in_vain();
  for (int wait = 0; wait < Vigil::waits_after_vain; ++wait) EXPECT_EQ(vigil.begin(), Vigil::Length::zero()) << wait;
  EXPECT_EQ(vigil.begin(), Vigil::longest);
}

TEST_F(VigilTest, IsNeverKeptOnASingleProcessor) {
  Vigil alone{last, 1};
  be_alone(alone);
  EXPECT_EQ(alone.begin(), Vigil::Length::zero());
}

}  // namespace
}  // namespace lakebase::emulator
