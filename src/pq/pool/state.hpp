#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include <lakebase/pq/pool.hpp>

#include "base/per_process.hpp"
#include "pq/pool/core.hpp"
#include "pq/pool/told.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// What a pool and its leases share: a PoolCore under a lock, with a clock, a place to wait, and a thread that closes
/// what has expired. Connections are opened, checked and closed without the lock.
struct PoolState : std::enable_shared_from_this<PoolState> {
  PoolState(ConnectionSource from, PoolOptions with);

  /// `queued` is for those who tell the observer of it: how long it was in line is added.
  Lease acquire(AcquireOptions const& limits, std::chrono::nanoseconds* queued = nullptr);
  /// These end a lease, which had this share in the pool.
  void give_back(PooledPointer connection, std::shared_ptr<PoolState> share) noexcept;
  void discard(PooledPointer connection) noexcept;
  void close_expired();
  bool close(std::chrono::nanoseconds timeout);
  /// Whether this process opened the pool. A forked child must not use its parent's connections.
  bool in_own_process() const noexcept { return lakebase::detail::fork_generation() == birth_; }
  void require_own_process() const {
    if (!in_own_process()) throw_forked();  // what throws is a function of its own, to be inlined without it
  }
  PoolStatistics statistics() const;
  void count_replay();
  void count_in_doubt();

  ConnectionSource const source;
  PoolOptions const options;
  std::shared_ptr<Clock> const clock;

 private:
  struct Limits {
    Moment deadline;
    std::stop_token const& stop;
    std::chrono::nanoseconds* queued;  // null: nobody is told
    bool are_over(Moment now) const noexcept { return now >= deadline || stop.stop_requested(); }
  };
  // Holds the mutex. The waiter that was called last in the meantime is woken after the release.
  class Lock {
   public:
    explicit Lock(PoolState& pool) : pool_(pool), lock_(pool.mutex_) {}
    ~Lock() {
      if (lock_.owns_lock()) unlock();
    }
    Lock(Lock const&) = delete;
    Lock& operator=(Lock const&) = delete;
    bool owns_lock() const noexcept { return lock_.owns_lock(); }
    void lock() { lock_.lock(); }
    void unlock() {
      auto const bell = pool_.core_.waiters.take_bell();
      lock_.unlock();  // then the pool may be destroyed
      if (bell) bell->notify_one();
    }
    // Rings now: before a wait, which releases the mutex while it holds a mutex of its own.
    void ring() {
      if (auto const bell = pool_.core_.waiters.take_bell()) bell->notify_one();
    }

   private:
    PoolState& pool_;
    std::unique_lock<std::mutex> lock_;
  };

  Lease acquire_watched(AcquireOptions const& asked);
  // These are called with the lock held. If they return null or throw, it is held, else perhaps not.
  PooledPointer take_idle(Lock& lock, Moment now, Limits const& limits);
  PooledPointer wait_in_line(Lock& lock, Limits const& limits, bool first_in_line);
  PooledPointer check_and_lend(Lock& lock, PooledPointer connection, Moment now, Limits const& limits);
  // All of these are called with the lock held, and return or throw with it held.
  Waiter::Got wait(Lock& lock, Waiter& waiter);
  PooledPointer open_one(Lock& lock, Limits const& limits);
  PooledPointer take_opened(Lock& lock, PooledPointer connection);
  [[noreturn]] static void throw_forked();
  [[noreturn]] void fail_open(std::exception_ptr const& error, Limits const& limits);
  void found_dead(Lock& lock, PooledPointer dead);
  void sweep(Lock& lock);
  void keep_idle(Lock& lock, PooledPointer connection) noexcept;
  void close_one(Lock& lock, PooledPointer connection, CloseReason reason) noexcept;
  void count_closed(int count) noexcept;
  void tell_if_all_closed() noexcept;
  [[noreturn]] void throw_timeout(std::chrono::nanoseconds waited);
  void watch_idle() noexcept;
  // The reaper's thread.
  void reap(std::stop_token const& stop);

  unsigned const birth_ = lakebase::detail::fork_generation();

  mutable std::mutex mutex_{};
  PoolCore core_;
  PoolStatistics counts_{};
  std::string last_failure_{};
  // Stops what `close` ends.
  std::stop_source closing_{};
  // Requested once the pool is closed and nothing is open any more.
  std::stop_source all_closed_{};

  std::condition_variable_any reaper_called_{};
  Moment reaper_wakes_ = Moment::max();
  std::jthread reaper_{};
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
