// Who is served when something comes free.

#include <array>
#include <stdexcept>

#include <gtest/gtest.h>

#include "pq/pool/waiters.hpp"
#include "support/bare_connection.hpp"

namespace lakebase::tests {
namespace {

using pq::detail::Moment;
using pq::detail::Waiter;
using pq::detail::Waiters;
using namespace std::chrono_literals;
using Got = Waiter::Got;

bool hand_over_one(Waiters& waiters, Moment now = t0) {
  auto connection = bare_connection();
  bool const handed = waiters.hand_over(connection, now);
  EXPECT_EQ(handed, connection == nullptr);
  return handed;
}

TEST(PoolWaiters, NobodyWaitsAtFirst) {
  Waiters waiters;
  EXPECT_TRUE(waiters.empty());
  EXPECT_EQ(waiters.size(), 0);
  EXPECT_FALSE(hand_over_one(waiters));
  EXPECT_FALSE(waiters.permit_to_open(t0));
}

TEST(PoolWaiters, HandsAConnectionToTheFirst) {
  Waiters waiters;
  Waiter one;
  Waiter other;
  waiters.join_last(one);
  waiters.join_last(other);
  auto connection = bare_connection();
  auto* const raw = connection.get();
  EXPECT_TRUE(waiters.hand_over(connection, t0));
  EXPECT_EQ(one.got, Got::connection);
  EXPECT_EQ(one.connection.get(), raw);
  EXPECT_EQ(other.got, Got::nothing);
  EXPECT_EQ(waiters.size(), 1);
}

TEST(PoolWaiters, ServesInTheOrderTheyCame) {
  Waiters waiters;
  std::array<Waiter, 4> callers{};
  for (auto& caller : callers) waiters.join_last(caller);
  for (auto& caller : callers) {
    EXPECT_EQ(caller.got, Got::nothing);
    EXPECT_TRUE(hand_over_one(waiters));
    EXPECT_EQ(caller.got, Got::connection);
  }
  EXPECT_TRUE(waiters.empty());
}

TEST(PoolWaiters, PermitsTheFirstToOpen) {
  Waiters waiters;
  Waiter one;
  Waiter other;
  waiters.join_last(one);
  waiters.join_last(other);
  EXPECT_TRUE(waiters.permit_to_open(t0));
  EXPECT_EQ(one.got, Got::permission_to_open);
  EXPECT_EQ(one.connection, nullptr);
  EXPECT_EQ(other.got, Got::nothing);
}

TEST(PoolWaiters, PutsOneWhoComesAgainBeforeTheOthers) {
  Waiters waiters;
  Waiter other;
  Waiter again;
  waiters.join_last(other);
  waiters.join_first(again);
  EXPECT_TRUE(hand_over_one(waiters));
  EXPECT_EQ(again.got, Got::connection);
  EXPECT_EQ(other.got, Got::nothing);
}

TEST(PoolWaiters, LetsTheFirstLeave) {
  Waiters waiters;
  Waiter one;
  Waiter other;
  waiters.join_last(one);
  waiters.join_last(other);
  waiters.leave(one);
  EXPECT_EQ(waiters.size(), 1);
  EXPECT_TRUE(hand_over_one(waiters));
  EXPECT_EQ(one.got, Got::nothing);
  EXPECT_EQ(other.got, Got::connection);
}

TEST(PoolWaiters, LetsOneInTheMiddleAndTheLastLeave) {
  Waiters waiters;
  std::array<Waiter, 3> callers{};
  for (auto& caller : callers) waiters.join_last(caller);
  waiters.leave(callers[1]);
  waiters.leave(callers[2]);
  Waiter late;
  waiters.join_last(late);
  EXPECT_TRUE(hand_over_one(waiters));
  EXPECT_TRUE(hand_over_one(waiters));
  EXPECT_EQ(callers[0].got, Got::connection);
  EXPECT_EQ(late.got, Got::connection);
  EXPECT_TRUE(waiters.empty());
}

TEST(PoolWaiters, IsUsableAfterTheOnlyOneLeft) {
  Waiters waiters;
  Waiter one;
  waiters.join_last(one);
  waiters.leave(one);
  EXPECT_TRUE(waiters.empty());
  EXPECT_FALSE(hand_over_one(waiters));
  Waiter other;
  waiters.join_last(other);
  EXPECT_TRUE(hand_over_one(waiters));
  EXPECT_EQ(other.got, Got::connection);
}

TEST(PoolWaiters, ServesNobodyAtItsDeadline) {
  Waiters waiters;
  Waiter late{.deadline = t0 + 1s};
  waiters.join_last(late);
  EXPECT_FALSE(hand_over_one(waiters, t0 + 1s));
  EXPECT_EQ(late.got, Got::timeout);
  EXPECT_EQ(late.connection, nullptr);
  EXPECT_TRUE(waiters.empty());
}

TEST(PoolWaiters, ServesUpToTheDeadline) {
  Waiters waiters;
  Waiter punctual{.deadline = t0 + 1s};
  waiters.join_last(punctual);
  EXPECT_TRUE(hand_over_one(waiters, t0 + 1s - 1ns));
  EXPECT_EQ(punctual.got, Got::connection);
}

TEST(PoolWaiters, ServesTheNextIfTheFirstIsTooLate) {
  Waiters waiters;
  Waiter late{.deadline = t0};
  Waiter other;
  waiters.join_last(late);
  waiters.join_last(other);
  EXPECT_TRUE(hand_over_one(waiters, t0));
  EXPECT_EQ(late.got, Got::timeout);
  EXPECT_EQ(other.got, Got::connection);
}

TEST(PoolWaiters, PermitsNobodyToOpenAfterItsDeadline) {
  Waiters waiters;
  Waiter late{.deadline = t0};
  Waiter other;
  waiters.join_last(late);
  waiters.join_last(other);
  EXPECT_TRUE(waiters.permit_to_open(t0 + 1ns));
  EXPECT_EQ(late.got, Got::timeout);
  EXPECT_EQ(other.got, Got::permission_to_open);
}

TEST(PoolWaiters, ServesNobodyWhoWasToldToStop) {
  Waiters waiters;
  std::stop_source stop;
  Waiter stopped{.stop = stop.get_token()};
  Waiter other;
  waiters.join_last(stopped);
  waiters.join_last(other);
  stop.request_stop();
  EXPECT_TRUE(hand_over_one(waiters));
  EXPECT_EQ(stopped.got, Got::stop);
  EXPECT_EQ(other.got, Got::connection);
}

TEST(PoolWaiters, KeepsAConnectionThatNobodyMayHave) {
  Waiters waiters;
  std::stop_source stop;
  stop.request_stop();
  Waiter stopped{.stop = stop.get_token()};
  Waiter late{.deadline = t0};
  waiters.join_last(stopped);
  waiters.join_last(late);
  auto connection = bare_connection();
  EXPECT_FALSE(waiters.hand_over(connection, t0));
  EXPECT_NE(connection, nullptr);
  EXPECT_TRUE(waiters.empty());
}

TEST(PoolWaiters, CallsTheFirstToLookOnce) {
  Waiters waiters;
  waiters.call_first_to_look();
  Waiter one;
  Waiter other;
  waiters.join_last(one);
  waiters.join_last(other);
  waiters.call_first_to_look();
  waiters.call_first_to_look();
  EXPECT_TRUE(one.is_to_look);
  EXPECT_FALSE(other.is_to_look);
  EXPECT_EQ(one.got, Got::nothing);
  EXPECT_EQ(waiters.size(), 2);
}

TEST(PoolWaiters, LeavesTheLastBellToBeRungLater) {
  Waiters waiters;
  EXPECT_EQ(waiters.take_bell(), nullptr);
  Waiter one;
  Waiter other;
  waiters.join_last(one);
  waiters.join_last(other);
  waiters.call_first_to_look();
  EXPECT_TRUE(hand_over_one(waiters));
  EXPECT_EQ(waiters.take_bell(), one.bell);
  EXPECT_EQ(waiters.take_bell(), nullptr);
  EXPECT_TRUE(hand_over_one(waiters));
  EXPECT_EQ(waiters.take_bell(), other.bell);
}

TEST(PoolWaiters, KnowsWhetherTheFirstIsPatient) {
  Waiters waiters;
  EXPECT_FALSE(waiters.first_is_patient(t0));
  Waiter one{.patient_until = t0 + 1ms};
  waiters.join_last(one);
  EXPECT_TRUE(waiters.first_is_patient(t0));
  EXPECT_FALSE(waiters.first_is_patient(t0 + 1ms));
}

TEST(PoolWaiters, FailsAllByTheSameError) {
  Waiters waiters;
  std::array<Waiter, 3> callers{};
  for (auto& caller : callers) waiters.join_last(caller);
  waiters.fail_all(std::make_exception_ptr(std::runtime_error{"down"}));
  for (auto const& caller : callers) {
    EXPECT_EQ(caller.got, Got::error);
    EXPECT_THROW(std::rethrow_exception(caller.error), std::runtime_error);
  }
  EXPECT_TRUE(waiters.empty());
}

}  // namespace
}  // namespace lakebase::tests
