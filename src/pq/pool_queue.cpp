#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include <lakebase/error.hpp>

#include "pq/connection_access.hpp"
#include "pq/pool_state.hpp"

// Who gets which connection, and when.

namespace lakebase::inline v0::pq::detail {
namespace {

using std::chrono::nanoseconds;

// In a forked child a connection must be neither used nor closed: both would speak on the parent's socket.
void abandon(PooledPointer connection) noexcept {
  static_cast<void>(connection.release());
}

}  // namespace

Lease PoolState::acquire(AcquireOptions const& asked) {
  require_own_process();
  auto const limit = asked.timeout.value_or(options.acquire_timeout);
  auto const start = clock->now();  // once for all: looking at a clock is a good part of the cost here
  Limits const limits{after(start, limit), asked.stop};
  Lock lock{mutex};
  for (bool first_in_line = false;; first_in_line = true) {
    PooledPointer connection = take_idle(lock, start, limits);
    if (!connection) {
      if (closed) throw_closed();
      // Those who came earlier go first.
      if ((queue.empty() || first_in_line) && may_open(clock->now())) {
        ++open;
        ++opening;
        connection = open_one(lock, limits);
      } else {
        connection = wait_in_queue(lock, limits, first_in_line);
      }
    }
    if (connection) return lend(std::move(connection));
  }
}

// Null, with the lock held: look again, as the first in line.
PooledPointer PoolState::wait_in_queue(Lock& lock, Limits const& limits, bool first_in_line) {
  Waiter waiter;
  if (first_in_line) {
    queue.push_front(&waiter);
  } else {
    queue.push_back(&waiter);
  }
  auto const start = clock->now();
  auto const called = [&] { return waiter.got != Waiter::Got::nothing; };
  // The deadline is one of the injected clock; the wait is a real one.
  bool waited_out = false;
  for (auto now = start; !called(); now = clock->now()) {
    bool const over = waited_out || now >= limits.deadline;
    if (over || limits.stop.stop_requested()) {
      queue.erase(std::find(queue.begin(), queue.end(), &waiter));
      if (!over) throw Cancelled("the wait for a connection of a pool was stopped");
      ++counts.timeouts;
      throw_timeout(now - start);
    }
    auto until = limits.deadline;
    if (no_growth_before > now) until = std::min(until, no_growth_before);
    bool const in_time = waiter.called.wait_for(lock, limits.stop, time_left(now, until), called);
    waited_out = !in_time && until == limits.deadline && !limits.stop.stop_requested();
    if (!called() && clock->now() >= no_growth_before) grant();
  }
  if (waiter.got == Waiter::Got::error) std::rethrow_exception(waiter.error);
  if (waiter.got == Waiter::Got::permission_to_open) return open_one(lock, limits);
  lock.unlock();
  bool const good = works(*waiter.connection, limits);
  lock.lock();
  if (good) {
    ++counts.acquired;
    return std::move(waiter.connection);
  }
  found_dead(lock, std::move(waiter.connection));
  return nullptr;
}

Lease PoolState::lend(PooledPointer connection) {
  return Lease{shared_from_this(), std::move(connection)};
}

void PoolState::give_back(PooledPointer connection) noexcept {
  if (!fork_guard.same_process()) return abandon(std::move(connection));
  auto* const session = ConnectionAccess::session(connection->connection);
  bool const fit = session != nullptr && session->settle_for_reuse(options.on_return == OnReturn::discard_all);
  auto const now = clock->now();
  connection->idle_since = now;
  Lock lock{mutex};
  if (!fit || closed || now >= connection->expires) {
    if (session == nullptr || session->broken()) awake = false;
    return close_one(lock, std::move(connection));
  }
  connection->generation = counts.generation;
  place(std::move(connection));
  watch_idle();
}

void PoolState::discard(PooledPointer connection) noexcept {
  if (!fork_guard.same_process()) return abandon(std::move(connection));
  Lock lock{mutex};
  close_one(lock, std::move(connection));
}

void PoolState::close_one(Lock& lock, PooledPointer connection) noexcept {
  lock.unlock();
  connection.reset();
  lock.lock();
  ++counts.closed;
  free_places(1);
}

// Gives a connection to the first who waits, or keeps it.
void PoolState::place(PooledPointer connection) {
  if (queue.empty()) {
    idle.push_back(std::move(connection));
    return;
  }
  auto* const waiter = queue.front();
  queue.pop_front();
  waiter->connection = std::move(connection);
  waiter->got = Waiter::Got::connection;
  waiter->called.notify_one();
}

bool PoolState::may_open(Moment now) const {
  if (open >= options.max_size || (!awake && opening > 0)) return false;
  return open == 0 || now >= no_growth_before;
}

// Hands permissions to open to those who wait, as far as there are places.
void PoolState::grant() {
  auto const now = clock->now();
  while (!queue.empty() && may_open(now)) {
    ++open;
    ++opening;
    auto* const waiter = queue.front();
    queue.pop_front();
    waiter->got = Waiter::Got::permission_to_open;
    waiter->called.notify_one();
  }
}

void PoolState::free_places(int count) {
  open -= count;
  grant();
  if (closed && open == 0) all_back.request_stop();
}

void PoolState::fail_all(std::exception_ptr const& error) {
  for (auto* const waiter : std::exchange(queue, {})) {
    waiter->got = Waiter::Got::error;
    waiter->error = error;
    waiter->called.notify_one();
  }
}

void PoolState::throw_closed() {
  throw PoolClosed("the pool is closed");
}

void PoolState::throw_timeout(nanoseconds waited) {
  ErrorFacts facts;
  facts.message = "no connection of the pool came free within " +
                  std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(waited).count()) + " ms (" +
                  std::to_string(open) + " of " + std::to_string(options.max_size) + " are open)";
  if (!awake && !last_failure.empty()) facts.hint = "The last failure to connect: " + last_failure;
  facts.retryable = true;
  facts.elapsed = waited;
  throw PoolTimeout{std::move(facts)};
}

}  // namespace lakebase::inline v0::pq::detail
