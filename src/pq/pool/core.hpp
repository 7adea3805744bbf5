#pragma once

#include <chrono>
#include <exception>
#include <vector>

#include "pq/pool/growth.hpp"
#include "pq/pool/idle_set.hpp"
#include "pq/pool/waiters.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Decides who gets which connection and when: combines the idle set, the waiters and the growth of a pool. Has no
/// lock, no clock and no socket of its own, so that tests can go through any order of events.
///
/// Whoever frees a connection or a place hands it to the first in line. There is one exception: after a lease too short
/// for a statement, if the first has not waited for `patience` yet, the connection is left for it to fetch, and a
/// newcomer may be faster. Otherwise threads that return their connections at once and acquire one again would sleep
/// and wake each other each time, which takes a hundred times longer than such a lease.
///
/// Invariant: while there is a waiter that may still be served, every connection that may be opened is being opened,
/// and connections are idle only if the first in line has been called to fetch one.
struct PoolCore {
  static constexpr std::chrono::nanoseconds brief_lease = std::chrono::microseconds{100};
  static constexpr std::chrono::nanoseconds patience = std::chrono::milliseconds{10};

  PoolCore(int max_size, IdleLimits limits) : idle(limits), growth(max_size) {}

  /// Whether a caller may open a connection now; its place is taken then. Those who came earlier go first.
  bool start_opening(Moment now, bool first_in_line) noexcept;
  void join(Waiter& waiter, Moment now, bool first_in_line) noexcept;
  /// Leaves the line without a connection; what was kept for it goes to those behind.
  void leave(Waiter& waiter, Moment now) noexcept;

  /// Takes a working connection back. @return whether it is idle now; otherwise a waiter has it
  bool give(PooledPointer connection, Moment now) noexcept;
  /// `count` connections were closed.
  void closed_some(int count, Moment now) noexcept;

  /// The outcome of opening a connection that a caller was allowed to open: `opened`, `crowded` (the server has too
  /// many) or `failed`. After `crowded`, those in line are woken, to wait for the end of the pause and then call
  /// `serve`.
  void opened(Moment now) noexcept;
  void crowded(Moment now) noexcept;
  /// `for_all`: the error, if the others in line would fail by it too; else null.
  void failed(Moment now, std::exception_ptr const& for_all) noexcept;
  /// Hands idle connections to those in line, and permits them to open connections as far as there are places. Called
  /// by a waiter that was told to look, and when a pause of the growth is over.
  void serve(Moment now) noexcept;

  /// Ends all waits, and returns the idle connections, which have to be closed.
  std::vector<PooledPointer> close(std::exception_ptr const& error);
  bool all_closed() const noexcept { return closed && growth.open() == 0; }

  IdleSet idle;
  Waiters waiters{};
  Growth growth;
  bool closed = false;

 private:
  void permit_openings(Moment now) noexcept;
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
