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

/// Who gets which connection and when: the idle set, the waiters and the growth of a pool, and how they play together.
/// Needs no lock if one thread uses it, no clock and no socket, so that tests can walk through any order of events.
///
/// Whoever frees a connection or a place hands it to the first in line. Only after a lease that was too short for a
/// statement, and if the first has not waited for `patience` yet, a connection is left for it to fetch, and a newcomer
/// may come first: threads that return their connections at once, and want one again, would otherwise sleep and wake
/// each other for every single one, which takes a hundred times longer than such a lease.
///
/// While anybody waits who may still be served, nothing that may be opened is left unopened, and something is idle only
/// if the first in line has been called to fetch it.
struct PoolCore {
  static constexpr std::chrono::nanoseconds brief_lease = std::chrono::microseconds{100};
  static constexpr std::chrono::nanoseconds patience = std::chrono::milliseconds{10};

  PoolCore(int max_size, IdleLimits limits) : idle(limits), growth(max_size) {}

  /// Whether a caller may open a connection now; its place is taken then. Those who came earlier go first.
  bool start_opening(Moment now, bool first_in_line) noexcept;
  void join(Waiter& waiter, Moment now, bool first_in_line) noexcept;
  /// Leaves without having got anything; what was kept for it goes to those behind.
  void leave(Waiter& waiter, Moment now) noexcept;

  /// Takes a connection that works. @return whether it is idle now; a waiter has it otherwise
  bool give(PooledPointer connection, Moment now) noexcept;
  /// Some connections are closed.
  void closed_some(int count, Moment now) noexcept;

  /// What became of a connection that a caller was allowed to open. After `crowded`, those in line have to be woken
  /// when the pause is over, for `serve`; they are called to take note of that.
  void opened(Moment now) noexcept;
  void crowded(Moment now) noexcept;
  /// `for_all`: what it failed by, if the others in line would fail by it too.
  void failed(Moment now, std::exception_ptr const& for_all) noexcept;
  /// Hands those in line what is idle, and permits them to open connections as far as there are places. For a waiter
  /// that was called to look, and for when a pause of the growth is over.
  void serve(Moment now) noexcept;

  /// Ends all waits, and returns what was idle, which has to be closed.
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
