#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <lakebase/pq/pool.hpp>

#include "base/after.hpp"
#include "pq/fork_guard_posix.hpp"

namespace lakebase::inline v0::pq::detail {

using Moment = std::chrono::steady_clock::time_point;

using lakebase::detail::after;
using lakebase::detail::time_left;

struct PoolState;

struct PooledConnection {
  Connection connection;
  /// When it has lived for long enough.
  Moment expires{};
  Moment idle_since{};
  /// Of the pool, when it was last known to work.
  std::uint64_t generation = 0;
  /// Who gets it back, where its lease has ended before what was made from it.
  std::shared_ptr<PoolState> lender{};
};
using PooledPointer = std::unique_ptr<PooledConnection>;

/// A caller that waits. Lives on that caller's stack.
struct Waiter {
  enum class Got { nothing, connection, permission_to_open, error };
  std::condition_variable_any called{};
  Got got = Got::nothing;
  PooledPointer connection{};
  std::exception_ptr error{};
};

/// What a pool and its leases share. Connections are opened, tested and closed without the lock.
///
/// While anybody waits, nothing is idle; whoever frees a connection or a place hands it to the first in the queue,
/// under the same lock.
struct PoolState : std::enable_shared_from_this<PoolState> {
  PoolState(ConnectionSource from, PoolOptions with);

  Lease acquire(AcquireOptions const& limits);
  void give_back(PooledPointer connection) noexcept;
  void discard(PooledPointer connection) noexcept;
  void close_expired();
  bool close(std::chrono::nanoseconds timeout);
  void require_own_process() const;
  PoolStatistics statistics() const;

  ConnectionSource const source;
  PoolOptions const options;
  std::shared_ptr<Clock> const clock;
  ForkGuard const fork_guard{};

  mutable std::mutex mutex{};
  std::vector<PooledPointer> idle{};  // the one used last is at the back
  std::deque<Waiter*> queue{};
  int open = 0;
  int opening = 0;
  // Whether the last that was heard of the server is good: then any number of connections may be opened at once.
  bool awake = false;
  bool closed = false;
  // After "too many connections": the pool does not grow before this.
  Moment no_growth_before{};
  std::string last_failure{};
  PoolStatistics counts{};
  std::stop_source closing{};
  // Requested once the pool is closed and nothing is open any more.
  std::stop_source all_back{};

  std::condition_variable_any reaper_called{};
  Moment reaper_wakes = Moment::max();
  std::jthread reaper{};

 private:
  struct Limits {
    Moment deadline;
    std::stop_token stop;
  };
  using Lock = std::unique_lock<std::mutex>;

  // pool_queue.cpp
  PooledPointer wait_in_queue(Lock& lock, Limits const& limits, bool first_in_line);
  Lease lend(PooledPointer connection);
  void place(PooledPointer connection);
  void close_one(Lock& lock, PooledPointer connection) noexcept;
  bool may_open(Moment now) const;
  void grant();
  void free_places(int count);
  void fail_all(std::exception_ptr const& error);
  [[noreturn]] void throw_timeout(std::chrono::nanoseconds waited);
  [[noreturn]] static void throw_closed();

  // pool_open.cpp
  PooledPointer open_one(Lock& lock, Limits const& limits);
  PooledPointer dial(Limits const& limits);
  PooledPointer take_opened(Lock& lock, PooledPointer connection);
  [[noreturn]] void fail_open(std::exception_ptr const& error, Limits const& limits);

  // pool_health.cpp
  PooledPointer take_idle(Lock& lock, Moment now, Limits const& limits);
  bool works(PooledConnection& connection, Limits const& limits) const;
  void found_dead(Lock& lock, PooledPointer dead);
  void sweep(Lock& lock);

  // pool_expiry.cpp
  std::ptrdiff_t spare_idle() const noexcept;
  /// When an idle connection has to go. `spare`: idleness counts.
  Moment end_of(PooledConnection const& connection, bool spare) const noexcept;
  std::vector<PooledPointer> take_expired(Moment now);
  Moment next_expiry() const noexcept;
  void watch_idle() noexcept;
  void reap(std::stop_token const& stop);
};

}  // namespace lakebase::inline v0::pq::detail
