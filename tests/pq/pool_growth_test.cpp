// Whether a pool may open one more connection.

#include <gtest/gtest.h>

#include "pq/pool/growth.hpp"
#include "support/bare_connection.hpp"

namespace lakebase::tests {
namespace {

using pq::detail::Growth;
using namespace std::chrono_literals;

void open_connection_of(Growth& growth) {
  growth.start();
  growth.opened();
}

TEST(PoolGrowth, BeginsWithNothing) {
  Growth const growth{3};
  EXPECT_EQ(growth.max_size(), 3);
  EXPECT_EQ(growth.open(), 0);
  EXPECT_EQ(growth.opening(), 0);
  EXPECT_FALSE(growth.awake());
  EXPECT_TRUE(growth.may_open(t0));
}

TEST(PoolGrowth, CountsWhatIsBeingOpenedAsOpen) {
  Growth growth{3};
  growth.start();
  EXPECT_EQ(growth.open(), 1);
  EXPECT_EQ(growth.opening(), 1);
  growth.opened();
  EXPECT_EQ(growth.open(), 1);
  EXPECT_EQ(growth.opening(), 0);
}

TEST(PoolGrowth, LetsOneWakeTheServer) {
  Growth growth{3};
  growth.start();
  EXPECT_FALSE(growth.may_open(t0));
  growth.opened();
  EXPECT_TRUE(growth.awake());
  EXPECT_TRUE(growth.may_open(t0));
}

TEST(PoolGrowth, OpensManyAtOnceIfTheServerIsAwake) {
  Growth growth{4};
  open_connection_of(growth);
  growth.start();
  growth.start();
  EXPECT_TRUE(growth.may_open(t0));
}

TEST(PoolGrowth, StopsAtItsLimit) {
  Growth growth{2};
  open_connection_of(growth);
  growth.start();
  EXPECT_FALSE(growth.may_open(t0)) << "what is being opened counts";
  growth.opened();
  EXPECT_FALSE(growth.may_open(t0));
  growth.closed(1);
  EXPECT_TRUE(growth.may_open(t0));
}

TEST(PoolGrowth, GivesThePlaceOfAFailureBack) {
  Growth growth{1};
  growth.start();
  EXPECT_FALSE(growth.may_open(t0));
  growth.failed();
  EXPECT_EQ(growth.open(), 0);
  EXPECT_EQ(growth.opening(), 0);
  EXPECT_TRUE(growth.may_open(t0));
}

TEST(PoolGrowth, OpensOneAtATimeAfterAFailure) {
  Growth growth{4};
  open_connection_of(growth);
  growth.start();
  growth.failed();
  EXPECT_FALSE(growth.awake());
  growth.start();
  EXPECT_FALSE(growth.may_open(t0));
}

TEST(PoolGrowth, OpensOneAtATimeAfterTheServerEndedASession) {
  Growth growth{4};
  open_connection_of(growth);
  growth.lost();
  EXPECT_TRUE(growth.may_open(t0));
  growth.start();
  EXPECT_FALSE(growth.may_open(t0));
  growth.opened();
  EXPECT_TRUE(growth.may_open(t0));
}

TEST(PoolGrowth, PausesInACrowd) {
  Growth growth{4};
  open_connection_of(growth);
  growth.start();
  growth.crowded(t0);
  EXPECT_EQ(growth.open(), 1);
  EXPECT_EQ(growth.opening(), 0);
  EXPECT_EQ(growth.paused_until(), t0 + Growth::crowd_pause);
  EXPECT_FALSE(growth.may_open(t0 + Growth::crowd_pause - 1ns));
  EXPECT_TRUE(growth.may_open(t0 + Growth::crowd_pause));
}

TEST(PoolGrowth, DoesNotPauseIfItHasNothingToWaitFor) {
  Growth growth{4};
  open_connection_of(growth);
  growth.start();
  growth.crowded(t0);
  growth.closed(1);
  EXPECT_TRUE(growth.may_open(t0));
}

TEST(PoolGrowth, StaysAwakeInACrowd) {
  Growth growth{4};
  open_connection_of(growth);
  growth.start();
  growth.crowded(t0);
  EXPECT_TRUE(growth.awake());
}

}  // namespace
}  // namespace lakebase::tests
