// Which idle connection is lent next, and which expires when.

#include <gtest/gtest.h>

#include "pq/pool/idle_set.hpp"
#include "support/bare_connection.hpp"

namespace lakebase::tests {
namespace {

using pq::detail::end_of_life;
using pq::detail::IdleSet;
using pq::detail::Moment;
using pq::detail::PooledConnection;
using namespace std::chrono_literals;

IdleSet make_idle_set(int min_idle = 0) {
  return IdleSet{{.capacity = 8, .min_idle = min_idle, .idle_timeout = 30s}};
}

PooledConnection* put_idle(IdleSet& set, Moment idle_since, Moment expires = Moment::max()) {
  auto connection = bare_connection(idle_since, expires);
  auto* const raw = connection.get();
  set.put(std::move(connection));
  return raw;
}

TEST(PoolIdleSet, HasNothingAtFirst) {
  auto set = make_idle_set();
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set.take(t0).connection, nullptr);
  EXPECT_FALSE(set.take(t0).expired);
  EXPECT_EQ(set.next_expiry(), Moment::max());
  EXPECT_EQ(set.next_expiry_after_put(), Moment::max());
}

TEST(PoolIdleSet, LendsTheOneUsedLast) {
  auto set = make_idle_set();
  auto* const first = put_idle(set, t0);
  auto* const second = put_idle(set, t0 + 1s);
  EXPECT_EQ(set.size(), 2U);
  EXPECT_EQ(set.take(t0 + 2s).connection.get(), second);
  EXPECT_EQ(set.take(t0 + 2s).connection.get(), first);
  EXPECT_TRUE(set.empty());
}

TEST(PoolIdleSet, SaysThatWhatItLendsHasBeenIdleForTooLong) {
  auto set = make_idle_set();
  put_idle(set, t0);
  put_idle(set, t0 + 1ns);
  EXPECT_FALSE(set.take(t0 + 30s).expired);
  EXPECT_TRUE(set.take(t0 + 30s).expired);
}

TEST(PoolIdleSet, SaysThatWhatItLendsHasLivedLongEnough) {
  auto set = make_idle_set();
  put_idle(set, t0, t0 + 5s);
  put_idle(set, t0, t0 + 5s + 1ns);
  EXPECT_FALSE(set.take(t0 + 5s).expired);
  EXPECT_TRUE(set.take(t0 + 5s).expired);
}

TEST(PoolIdleSet, LendsWhatMinIdleKeepsHoweverLongItWasIdle) {
  auto set = make_idle_set(1);
  put_idle(set, t0);
  EXPECT_FALSE(set.take(t0 + 24h).expired);
}

TEST(PoolIdleSet, KeepsNothingPastItsLifetimeForMinIdle) {
  auto set = make_idle_set(1);
  put_idle(set, t0, t0 + 1h);
  EXPECT_TRUE(set.take(t0 + 1h).expired);
}

TEST(PoolIdleSet, TakesOutWhatWasIdleForLongest) {
  auto set = make_idle_set();
  auto* const first = put_idle(set, t0);
  put_idle(set, t0 + 10s);
  auto const old = set.take_expired(t0 + 30s);
  ASSERT_EQ(old.size(), 1U);
  EXPECT_EQ(old[0].get(), first);
  EXPECT_EQ(set.size(), 1U);
}

TEST(PoolIdleSet, TakesOutNothingBeforeItsTime) {
  auto set = make_idle_set();
  put_idle(set, t0);
  EXPECT_TRUE(set.take_expired(t0 + 30s - 1ns).empty());
  EXPECT_EQ(set.size(), 1U);
}

TEST(PoolIdleSet, LeavesAsManyAsMinIdleKeeps) {
  auto set = make_idle_set(2);
  put_idle(set, t0);
  auto* const second = put_idle(set, t0 + 1s);
  auto* const third = put_idle(set, t0 + 2s);
  EXPECT_EQ(set.take_expired(t0 + 24h).size(), 1U);
  EXPECT_EQ(set.take(t0 + 24h).connection.get(), third);
  EXPECT_EQ(set.take(t0 + 24h).connection.get(), second);
}

TEST(PoolIdleSet, TakesOutWhatHasLivedLongEnoughFromTheMiddle) {
  auto set = make_idle_set(3);
  auto* const first = put_idle(set, t0);
  put_idle(set, t0, t0 + 1s);
  auto* const third = put_idle(set, t0);
  EXPECT_EQ(set.take_expired(t0 + 1s).size(), 1U);
  EXPECT_EQ(set.take(t0 + 1s).connection.get(), third);
  EXPECT_EQ(set.take(t0 + 1s).connection.get(), first);
}

TEST(PoolIdleSet, CountsWhatHasLivedLongEnoughAgainstWhatMayGo) {
  auto set = make_idle_set(1);
  put_idle(set, t0, t0 + 40s);
  put_idle(set, t0 + 1s);
  EXPECT_EQ(set.take_expired(t0 + 40s).size(), 1U) << "the other one is kept";
  EXPECT_EQ(set.size(), 1U);
}

TEST(PoolIdleSet, KnowsWhenTheNextOneExpires) {
  auto set = make_idle_set();
  put_idle(set, t0);
  EXPECT_EQ(set.next_expiry(), t0 + 30s);
  put_idle(set, t0 + 1s, t0 + 10s);
  EXPECT_EQ(set.next_expiry(), t0 + 10s);
  put_idle(set, t0 + 2s);
  EXPECT_EQ(set.next_expiry(), t0 + 10s);
}

TEST(PoolIdleSet, ExpectsOnlyTheEndOfLifeOfWhatMinIdleKeeps) {
  auto set = make_idle_set(1);
  put_idle(set, t0, t0 + 1h);
  EXPECT_EQ(set.next_expiry(), t0 + 1h);
  EXPECT_EQ(set.next_expiry_after_put(), t0 + 1h);
}

TEST(PoolIdleSet, ExpectsTheOldestToGoWhenOneMoreIsPutBesideTheKept) {
  auto set = make_idle_set(1);
  put_idle(set, t0, t0 + 1h);
  put_idle(set, t0 + 5s, t0 + 1h);
  EXPECT_EQ(set.next_expiry_after_put(), t0 + 30s);
}

TEST(PoolIdleSet, ExpectsTheNewestToGoFirstIfItsLifeEndsSoonest) {
  auto set = make_idle_set();
  put_idle(set, t0, t0 + 1h);
  put_idle(set, t0 + 5s, t0 + 6s);
  EXPECT_EQ(set.next_expiry_after_put(), t0 + 6s);
}

TEST(PoolIdleSet, ForgetsAllThatAreTakenTogether) {
  auto set = make_idle_set();
  put_idle(set, t0);
  put_idle(set, t0);
  EXPECT_EQ(set.take_all().size(), 2U);
  EXPECT_TRUE(set.empty());
  EXPECT_TRUE(set.take_all().empty());
}

TEST(PoolIdleSet, HoldsTimesWithoutEnd) {
  IdleSet set{{.capacity = 1, .min_idle = 0, .idle_timeout = std::chrono::nanoseconds::max()}};
  put_idle(set, t0);
  EXPECT_EQ(set.next_expiry(), Moment::max());
  EXPECT_TRUE(set.take_expired(t0 + 24h).empty());
  EXPECT_EQ(end_of_life(t0, std::chrono::nanoseconds::max(), 1.0), Moment::max());
}

TEST(PoolIdleSet, SpreadsLifetimesByATenthToEitherSide) {
  auto const about = [](Moment moment) { return std::chrono::round<std::chrono::seconds>(moment - t0); };
  EXPECT_EQ(about(end_of_life(t0, 100s, 0.0)), 90s);
  EXPECT_EQ(about(end_of_life(t0, 100s, 0.5)), 100s);
  EXPECT_EQ(about(end_of_life(t0, 100s, 1.0)), 110s);
}

}  // namespace
}  // namespace lakebase::tests
