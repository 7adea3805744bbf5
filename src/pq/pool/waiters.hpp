#pragma once

#include <condition_variable>
#include <exception>
#include <memory>
#include <stop_token>
#include <utility>

#include "pq/pool/pooled_connection.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Wakes a waiter. Whoever rings it shares it, because the waiter may be destroyed already.
using Bell = std::shared_ptr<std::condition_variable_any>;

/// A caller that waits for a connection. Lives on that caller's stack.
struct Waiter {
  enum class Got { nothing, connection, permission_to_open, error, timeout, stop };

  Moment deadline = Moment::max();
  std::stop_token stop{};
  /// Until then it is called to fetch what is returned, which a newcomer may take first; after that it is handed over.
  Moment patient_until = Moment::min();
  Got got = Got::nothing;
  /// Whether it was called to fetch a connection, and has not looked yet.
  bool is_to_look = false;
  PooledPointer connection{};
  std::exception_ptr error{};
  /// Rung when it got something, or should look at the pool again.
  Bell bell = std::make_shared<std::condition_variable_any>();
  // Its neighbours in the line.
  Waiter* before = nullptr;
  Waiter* behind = nullptr;
};

/// The callers that wait, in the order in which they came. What is handed over goes to the first one directly, so that
/// no newcomer can take it; one whose deadline has passed or that was stopped is only told so. Has no lock, no clock
/// and no socket of its own, and allocates nothing.
class Waiters {
 public:
  Waiters() = default;
  Waiters(Waiters const&) = delete;
  Waiters& operator=(Waiters const&) = delete;

  bool empty() const noexcept { return first_ == nullptr; }
  int size() const noexcept { return size_; }

  void join_last(Waiter& waiter) noexcept { insert(waiter, last_, nullptr); }
  /// For a waiter that was served, but whose connection did not work.
  void join_first(Waiter& waiter) noexcept { insert(waiter, nullptr, first_); }
  /// Leaves the line without a connection.
  void leave(Waiter& waiter) noexcept;

  /// Whether the first one can be left to fetch a connection itself.
  bool first_is_patient(Moment now) const noexcept { return first_ != nullptr && now < first_->patient_until; }
  /// Calls the first one, if any, to fetch a connection.
  void call_first_to_look() noexcept;
  /// Hands a connection to the first one that may have it. False, with the connection untouched, if none may.
  bool hand_over(PooledPointer& connection, Moment now) noexcept;
  /// Lets the first one that may have a connection open one. False if none may.
  bool permit_to_open(Moment now) noexcept;
  /// Wakes all without giving them anything, so that they look at the pool again.
  void wake_all() noexcept;
  /// Ends the wait of all.
  void fail_all(std::exception_ptr const& error) noexcept;

  /// The bell of the waiter that was called last, which is still to be rung after the caller's lock is released, as the
  /// waiter would otherwise wake up only to wait for the lock. Null if there is none. All others have been rung.
  Bell take_bell() noexcept { return std::move(to_ring_); }

 private:
  void insert(Waiter& waiter, Waiter* before, Waiter* behind) noexcept;
  Waiter* next_to_serve(Moment now) noexcept;
  void call(Waiter& waiter, Waiter::Got got) noexcept;
  void ring_later(Waiter const& waiter) noexcept;

  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
  int size_ = 0;
  Bell to_ring_{};
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
