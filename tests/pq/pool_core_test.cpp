// How the idle set, the waiters and the growth of a pool play together, and how idle connections are checked.

#include <array>
#include <stdexcept>

#include <gtest/gtest.h>

#include "pq/pool/core.hpp"
#include "pq/pool/health.hpp"
#include "support/bare_connection.hpp"

namespace lakebase::tests {
namespace {

using pq::detail::Check;
using pq::detail::check_before_lending;
using pq::detail::Growth;
using pq::detail::Health;
using pq::detail::health_of;
using pq::detail::Moment;
using pq::detail::PoolCore;
using pq::detail::trusted_after_look;
using pq::detail::Waiter;
using namespace std::chrono_literals;
using Got = Waiter::Got;

class PoolCoreTest : public ::testing::Test {
 protected:
  // Opened and lent.
  void lend(int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(core.start_opening(t0, false));
      core.opened(t0);
    }
  }

  PoolCore core{2, {.capacity = 2, .min_idle = 0, .idle_timeout = 30s}};
};

TEST_F(PoolCoreTest, KeepsWhatNobodyWaitsFor) {
  lend(1);
  EXPECT_TRUE(core.give(bare_connection(), t0));
  EXPECT_EQ(core.idle.size(), 1U);
}

TEST_F(PoolCoreTest, HandsOverWhatSomebodyHasWaitedFor) {
  lend(2);
  Waiter waiter;
  core.join(waiter, t0, false);
  EXPECT_FALSE(core.give(bare_connection(t0 + PoolCore::patience), t0 + PoolCore::patience));
  EXPECT_EQ(waiter.got, Got::connection);
  EXPECT_TRUE(core.idle.empty());
}

TEST_F(PoolCoreTest, HandsOverAtOnceAfterALeaseThatWasLongEnoughForAStatement) {
  lend(2);
  Waiter waiter;
  core.join(waiter, t0, false);
  EXPECT_FALSE(core.give(bare_connection(t0 - PoolCore::brief_lease), t0));
  EXPECT_EQ(waiter.got, Got::connection);
}

TEST_F(PoolCoreTest, CallsOneWhoHasJustComeToFetchWhatComesBack) {
  lend(2);
  Waiter waiter;
  core.join(waiter, t0, false);
  auto const later = t0 + PoolCore::patience - 1ns;
  EXPECT_TRUE(core.give(bare_connection(later), later));
  EXPECT_EQ(waiter.got, Got::nothing);
  EXPECT_TRUE(waiter.is_to_look);
  core.serve(t0 + PoolCore::patience);
  EXPECT_EQ(waiter.got, Got::connection);
  EXPECT_TRUE(core.idle.empty());
}

TEST_F(PoolCoreTest, LetsANewcomerPassOneWhoHasJustComeButNotOneWhoHasWaited) {
  lend(2);
  Waiter waiter;
  core.join(waiter, t0, false);
  core.give(bare_connection(), t0);
  auto newcomers = core.idle.take(t0).connection;
  ASSERT_NE(newcomers, nullptr);
  core.serve(t0);
  EXPECT_EQ(waiter.got, Got::nothing) << "too late";
  newcomers->lent_at = t0 + PoolCore::patience;
  EXPECT_FALSE(core.give(std::move(newcomers), t0 + PoolCore::patience));
  EXPECT_EQ(waiter.got, Got::connection);
}

TEST_F(PoolCoreTest, LetsNobodyPassOneWhoseTimeIsNearlyOver) {
  lend(2);
  Waiter waiter{.deadline = t0 + PoolCore::patience};
  core.join(waiter, t0, false);
  EXPECT_FALSE(core.give(bare_connection(), t0));
  EXPECT_EQ(waiter.got, Got::connection);
}

TEST_F(PoolCoreTest, LetsNobodyPassOneWhoWasServedBefore) {
  lend(2);
  Waiter waiter;
  core.join(waiter, t0, true);
  EXPECT_FALSE(core.give(bare_connection(), t0));
  EXPECT_EQ(waiter.got, Got::connection);
}

TEST_F(PoolCoreTest, PassesOnWhatTheFirstWasCalledForIfThatOneLeaves) {
  lend(2);
  Waiter one;
  Waiter other;
  core.join(one, t0, false);
  core.join(other, t0, false);
  core.give(bare_connection(), t0);
  EXPECT_FALSE(other.is_to_look);
  core.leave(one, t0);
  EXPECT_EQ(other.got, Got::connection);
}

TEST_F(PoolCoreTest, CallsTheNextForWhatTheFirstWasCalledForButDoesNotNeedAnyMore) {
  lend(2);
  Waiter one;
  Waiter other;
  core.join(one, t0, false);
  core.give(bare_connection(), t0);
  core.join(other, t0 + PoolCore::patience, false);
  core.give(bare_connection(t0 + PoolCore::patience), t0 + PoolCore::patience);
  EXPECT_EQ(one.got, Got::connection);
  EXPECT_EQ(core.idle.size(), 1U);
  EXPECT_TRUE(other.is_to_look);
}

TEST_F(PoolCoreTest, ServesAllInLineWithWhatIsThere) {
  lend(2);
  std::array<Waiter, 3> callers{};
  for (auto& caller : callers) core.join(caller, t0, false);
  core.give(bare_connection(), t0);
  core.give(bare_connection(), t0);
  core.serve(t0);
  EXPECT_EQ(callers[0].got, Got::connection);
  EXPECT_EQ(callers[1].got, Got::connection);
  EXPECT_EQ(callers[2].got, Got::nothing);
}

TEST_F(PoolCoreTest, LetsTheNextOpenIfTheFirstLeavesAPlaceUnused) {
  lend(1);
  ASSERT_TRUE(core.start_opening(t0, false));
  Waiter one;
  Waiter other;
  core.join(one, t0, false);
  core.crowded(t0);
  core.join(other, t0, false);
  core.leave(one, t0 + Growth::crowd_pause);
  EXPECT_EQ(other.got, Got::permission_to_open);
}

TEST_F(PoolCoreTest, KeepsWhatComesTooLateForWhoWaited) {
  lend(2);
  Waiter waiter{.deadline = t0};
  core.join(waiter, t0, false);
  EXPECT_TRUE(core.give(bare_connection(), t0));
  EXPECT_EQ(waiter.got, Got::timeout);
  EXPECT_EQ(core.idle.size(), 1U);
}

TEST_F(PoolCoreTest, LetsNoNewcomerOpenBeforeThoseInLine) {
  lend(1);
  core.growth.start();
  core.growth.crowded(t0);
  Waiter waiter;
  core.join(waiter, t0, false);
  auto const later = t0 + Growth::crowd_pause;
  EXPECT_FALSE(core.start_opening(later, false));
  EXPECT_TRUE(core.start_opening(later, true));
  EXPECT_EQ(core.growth.opening(), 1);
}

TEST_F(PoolCoreTest, LetsTheOthersOpenOnceOneHasWokenTheServer) {
  ASSERT_TRUE(core.start_opening(t0, false));
  Waiter waiter;
  ASSERT_FALSE(core.start_opening(t0, false));
  core.join(waiter, t0, false);
  core.opened(t0);
  EXPECT_EQ(waiter.got, Got::permission_to_open);
  EXPECT_EQ(core.growth.open(), 2);
  EXPECT_EQ(core.growth.opening(), 1);
}

TEST_F(PoolCoreTest, LetsTheNextOpenInThePlaceOfAClosedOne) {
  lend(2);
  Waiter one;
  Waiter other;
  core.join(one, t0, false);
  core.join(other, t0, false);
  core.closed_some(1, t0);
  EXPECT_EQ(one.got, Got::permission_to_open);
  EXPECT_EQ(other.got, Got::nothing);
  EXPECT_EQ(core.growth.open(), 2);
}

TEST_F(PoolCoreTest, LetsTheFirstOpenWhenSomebodyJoinsAfterAPause) {
  lend(1);
  ASSERT_TRUE(core.start_opening(t0, false));
  core.crowded(t0);
  Waiter first;
  core.join(first, t0, false);
  EXPECT_EQ(first.got, Got::nothing);
  // The thread of the first has not woken up yet. If it got what comes back next, nobody would tell the second.
  Waiter second;
  core.join(second, t0 + Growth::crowd_pause, false);
  EXPECT_EQ(first.got, Got::permission_to_open);
  EXPECT_EQ(second.got, Got::nothing);
}

TEST_F(PoolCoreTest, TakesNoPlaceForOneWhoseTimeIsOver) {
  lend(2);
  Waiter late{.deadline = t0};
  core.join(late, t0, false);
  core.closed_some(1, t0);
  EXPECT_EQ(late.got, Got::timeout);
  EXPECT_EQ(core.growth.open(), 1);
  EXPECT_EQ(core.growth.opening(), 0);
}

TEST_F(PoolCoreTest, LetsTheNextTryAfterAFailureOfOne) {
  ASSERT_TRUE(core.start_opening(t0, false));
  Waiter one;
  Waiter other;
  core.join(one, t0, false);
  core.join(other, t0, false);
  core.failed(t0, nullptr);
  EXPECT_EQ(one.got, Got::permission_to_open);
  EXPECT_EQ(other.got, Got::nothing) << "one at a time";
}

TEST_F(PoolCoreTest, FailsAllByWhatWouldFailForAll) {
  ASSERT_TRUE(core.start_opening(t0, false));
  Waiter one;
  Waiter other;
  core.join(one, t0, false);
  core.join(other, t0, false);
  core.failed(t0, std::make_exception_ptr(std::runtime_error{"no such role"}));
  EXPECT_EQ(one.got, Got::error);
  EXPECT_EQ(other.got, Got::error);
  EXPECT_EQ(core.growth.open(), 0);
}

TEST_F(PoolCoreTest, LetsNobodyOpenInACrowdUntilThePauseIsOver) {
  lend(1);
  ASSERT_TRUE(core.start_opening(t0, false));
  Waiter waiter;
  core.join(waiter, t0, false);
  core.crowded(t0);
  EXPECT_EQ(waiter.got, Got::nothing);
  core.serve(t0 + Growth::crowd_pause);
  EXPECT_EQ(waiter.got, Got::permission_to_open);
}

TEST_F(PoolCoreTest, EndsAllWaitsWhenItIsClosed) {
  lend(2);
  Waiter waiter;
  core.join(waiter, t0, false);
  auto const unused = core.close(std::make_exception_ptr(std::runtime_error{"closed"}));
  EXPECT_TRUE(unused.empty());
  EXPECT_EQ(waiter.got, Got::error);
  EXPECT_FALSE(core.all_closed());
  core.closed_some(2, t0);
  EXPECT_TRUE(core.all_closed());
}

TEST_F(PoolCoreTest, ReturnsWhatIsIdleWhenItIsClosed) {
  lend(2);
  core.give(bare_connection(), t0);
  EXPECT_EQ(core.close(nullptr).size(), 1U);
  EXPECT_TRUE(core.idle.empty());
  core.closed_some(1, t0);
  EXPECT_FALSE(core.all_closed()) << "one is lent";
}

TEST(PoolHealth, TrustsWhatWasSeenOpenJustNow) {
  auto const connection = bare_connection(t0);
  EXPECT_EQ(check_before_lending(*connection, t0, {}), Check::none);
  EXPECT_EQ(check_before_lending(*connection, t0 + trusted_after_look - 1ns, {}), Check::none);
  EXPECT_EQ(check_before_lending(*connection, t0 + trusted_after_look, {}), Check::look);
}

TEST(PoolHealth, LooksAtWhatWasLentForLongAndReturnedJustNow) {
  auto const connection = bare_connection(t0);
  connection->idle_since = t0 + 1h;
  EXPECT_EQ(check_before_lending(*connection, t0 + 1h, {}), Check::look);
}

TEST(PoolHealth, AsksWhatWasIdleForLongerThanItTrusts) {
  auto const connection = bare_connection(t0);
  EXPECT_EQ(check_before_lending(*connection, t0 + 10s - 1ns, 10s), Check::look);
  EXPECT_EQ(check_before_lending(*connection, t0 + 10s, 10s), Check::ask);
  EXPECT_EQ(check_before_lending(*connection, t0, 0s), Check::ask);
}

TEST(PoolHealth, DoesNotAskWithoutAWord) {
  auto const connection = bare_connection(t0);
  EXPECT_EQ(check_before_lending(*connection, t0 + 24h, {}), Check::look);
}

TEST(PoolHealth, FindsThatNoConnectionIsNoOpenOne) {
  auto const connection = bare_connection(t0);
  EXPECT_EQ(health_of(*connection, Check::look, t0 + 1s, Moment::max(), {}), Health::lost);
  EXPECT_EQ(connection->seen_open, t0);
  EXPECT_EQ(health_of(*connection, Check::none, t0 + 1s, Moment::max(), {}), Health::good);
}

}  // namespace
}  // namespace lakebase::tests
