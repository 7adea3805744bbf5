#include "pq/pool/state.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <lakebase/error.hpp>

#include "base/after.hpp"
#include "base/events/watch.hpp"
#include "pq/login/source_clock.hpp"
#include "pq/pool/health.hpp"
#include "pq/pool/open.hpp"
#include "pq/session/connection_access.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

using namespace std::chrono_literals;
using lakebase::detail::after;
using lakebase::detail::time_left;
using std::chrono::nanoseconds;

// A forked child must neither use nor close a connection: both would write to the parent's socket.
void abandon(PooledPointer connection) noexcept {
  static_cast<void>(connection.release());
}

[[noreturn]] void throw_closed() {
  throw PoolClosed("the pool is closed");
}

PoolOptions checked(PoolOptions options) {
  if (options.max_size < 1) throw ConfigError("a pool needs a max_size of at least 1");
  if (options.min_idle < 0 || options.min_idle > options.max_size) {
    throw ConfigError("min_idle of a pool must be between 0 and max_size");
  }
  return options;
}

}  // namespace

PoolState::PoolState(ConnectionSource from, PoolOptions with)
    : source(std::move(from)),
      options(checked(std::move(with))),
      clock(clock_for(source, options.clock)),
      core_(options.max_size, {.capacity = static_cast<std::size_t>(options.max_size),
                               .min_idle = options.min_idle,
                               .idle_timeout = options.idle_timeout}) {
  if (!source.credentials) throw ConfigError("no credentials to connect with");
  validate(source.parameters, source.credentials->uses_tokens());
}

void PoolState::throw_forked() {
  throw PoolClosed("the pool belongs to the process that this one was forked from");
}

Lease PoolState::acquire_watched(AcquireOptions const& asked) {
  nanoseconds queued{};
  auto const describe = [&] {
    auto event = event_of_pool(*this, EventKind::acquire);
    event.queued = queued;
    return event;
  };
  return lakebase::detail::watch(source.events.get(), clock.get(), describe, [&] { return acquire(asked, &queued); });
}

Lease PoolState::acquire(AcquireOptions const& asked, nanoseconds* queued) {
  require_own_process();
  // One function, as a call more would be 1 % of this.
  if (source.events && queued == nullptr) return acquire_watched(asked);
  auto const now = clock->now();  // once, as a rule: reading the clock is a good part of the cost here
  Limits const limits{after(now, asked.timeout.value_or(options.acquire_timeout)), asked.stop, queued};
  Lock lock{*this};
  auto connection = take_idle(lock, now, limits);
  for (bool first_in_line = false; !connection; first_in_line = true) {
    if (core_.closed) throw_closed();
    // If the time is over, the queue says so.
    auto const later = clock->now();
    bool const may_open = !limits.are_over(later) && core_.start_opening(later, first_in_line);
    connection = may_open ? open_one(lock, limits) : wait_in_line(lock, limits, first_in_line);
    if (!connection) connection = take_idle(lock, clock->now(), limits);
  }
  if (lock.owns_lock()) lock.unlock();
  auto share = std::move(connection->lender);
  return Lease{std::move(share), std::move(connection)};
}

// Takes idle connections until one works, or the caller's time is over.
PooledPointer PoolState::take_idle(Lock& lock, Moment now, Limits const& limits) {
  for (;;) {
    auto [connection, expired] = core_.idle.take(now);
    if (!connection) return nullptr;
    if (expired) {
      auto const reason = reason_of_age(*connection, now);
      close_one(lock, std::move(connection), reason);
      continue;
    }
    if (auto lent = check_and_lend(lock, std::move(connection), now, limits)) return lent;
    now = clock->now();  // a connection that did not respond has taken up time
    if (limits.are_over(now)) return nullptr;
  }
}

// Null if the connection cannot be lent to this caller. It is closed then, or idle again.
PooledPointer PoolState::check_and_lend(Lock& lock, PooledPointer connection, Moment now, Limits const& limits) {
  ++counts_.acquired;
  lock.unlock();  // before the connection is read: what another processor has just written is slow to read
  connection->lent_at = now;
  auto const check = check_before_lending(*connection, now, options.ask_after_idle);
  auto const health = health_of(*connection, check, now, limits.deadline, limits.stop);
  if (health == Health::good) return connection;
  lock.lock();
  --counts_.acquired;
  if (health == Health::lost) {
    found_dead(lock, std::move(connection));
  } else if (health == Health::unchecked) {
    keep_idle(lock, std::move(connection));
  } else {
    close_one(lock, std::move(connection), CloseReason::check_interrupted);
  }
  return nullptr;
}

// Null if the caller has to look again, as the first in line.
PooledPointer PoolState::wait_in_line(Lock& lock, Limits const& limits, bool first_in_line) {
  Waiter waiter{.deadline = limits.deadline, .stop = limits.stop};
  auto const start = clock->now();
  core_.join(waiter, start, first_in_line);
  auto const got = wait(lock, waiter);
  if (limits.queued != nullptr) *limits.queued += clock->now() - start;
  if (got == Waiter::Got::stop) throw Cancelled("the wait for a connection of a pool was stopped");
  if (got == Waiter::Got::timeout) throw_timeout(clock->now() - start);
  if (got == Waiter::Got::error) std::rethrow_exception(waiter.error);
  if (got == Waiter::Got::permission_to_open) return open_one(lock, limits);
  return check_and_lend(lock, std::move(waiter.connection), clock->now(), limits);
}

// The one place where callers wait. Afterwards the waiter is no longer in line.
Waiter::Got PoolState::wait(Lock& lock, Waiter& waiter) {
  auto const called = [&] { return waiter.got != Waiter::Got::nothing; };
  // The deadline is by the injected clock; the wait is in real time.
  bool waited_out = false;
  for (auto now = clock->now(); !called(); now = clock->now()) {
    bool const over = waited_out || now >= waiter.deadline;
    if (over || waiter.stop.stop_requested()) {
      core_.leave(waiter, now);
      return over ? Waiter::Got::timeout : Waiter::Got::stop;
    }
    auto const pause = core_.growth.paused_until();
    auto const until = pause > now ? std::min(waiter.deadline, pause) : waiter.deadline;
    auto const wakes = [&] { return called() || waiter.is_to_look || core_.growth.paused_until() != pause; };
    lock.ring();
    bool const in_time = waiter.bell->wait_for(lock, waiter.stop, time_left(now, until), wakes);
    waited_out = !in_time && until == waiter.deadline && !waiter.stop.stop_requested();
    waiter.is_to_look = false;
    if (!called()) core_.serve(clock->now());
  }
  return waiter.got;
}

// Opens a connection in a place that is already counted. Null if the pool must not grow now.
PooledPointer PoolState::open_one(Lock& lock, Limits const& limits) {
  lock.unlock();
  auto const others_open = [this] {
    std::lock_guard const guard{mutex_};
    return core_.growth.open() > core_.growth.opening();
  };
  PooledPointer connection;
  std::optional<Crowded> crowd;
  std::exception_ptr error;
  try {
    OpenLimits const bounds{limits.deadline, limits.stop, closing_.get_token()};
    connection = lakebase::detail::watch(
        source.events.get(), clock.get(), [this] { return event_of_pool(*this, EventKind::open); },
        [&] { return open_connection(source, options, clock, bounds, others_open); });
  } catch (Crowded const& thrown) {
    crowd = thrown;
  } catch (...) {
    error = std::current_exception();
  }
  lock.lock();
  if (connection) return take_opened(lock, std::move(connection));
  ++counts_.connect_failures;
  if (!crowd) fail_open(error, limits);
  last_failure_ = crowd->message();
  core_.crowded(clock->now());
  tell_if_all_closed();
  return nullptr;
}

PooledPointer PoolState::take_opened(Lock& lock, PooledPointer connection) {
  ++counts_.opened;
  core_.opened(clock->now());
  if (core_.closed) {
    close_one(lock, std::move(connection), CloseReason::pool_closed);
    throw_closed();
  }
  ++counts_.acquired;
  connection->generation = counts_.generation;
  connection->lender = shared_from_this();
  return connection;
}

void PoolState::fail_open(std::exception_ptr const& error, Limits const& limits) {
  auto const now = clock->now();
  bool for_all = false;
  try {
    std::rethrow_exception(error);
  } catch (Cancelled const&) {
  } catch (Error const& one) {
    last_failure_ = one.what();
    // What fails for one caller fails for all, unless this one just ran out of time.
    for_all = !one.retryable() && now < limits.deadline;
  } catch (...) {
    for_all = true;
  }
  core_.failed(now, for_all ? error : nullptr);
  tell_if_all_closed();
  if (core_.closed) throw_closed();
  std::rethrow_exception(error);
}

// A suspended endpoint has ended all sessions, so the others are checked too, once.
void PoolState::found_dead(Lock& lock, PooledPointer dead) {
  ++counts_.found_dead;
  core_.growth.lost();
  if (dead->generation == counts_.generation) {
    ++counts_.generation;
    sweep(lock);
  }
  close_one(lock, std::move(dead), CloseReason::server_gone);
}

void PoolState::sweep(Lock& lock) {
  auto suspects = core_.idle.take_all();
  lock.unlock();
  std::vector<PooledPointer> good;
  int dead = 0;
  for (auto& suspect : suspects) {
    if (health_of(*suspect, Check::look, clock->now(), {}, {}) == Health::good) {
      good.push_back(std::move(suspect));
    } else {
      suspect.reset();
      ++dead;
      tell_closed(*this, CloseReason::server_gone);
    }
  }
  lock.lock();
  counts_.found_dead += static_cast<std::uint64_t>(dead);
  for (auto& connection : good) {
    connection->generation = counts_.generation;
    keep_idle(lock, std::move(connection));
  }
  count_closed(dead);
}

// Takes a connection back that was not lent in the meantime.
void PoolState::keep_idle(Lock& lock, PooledPointer connection) noexcept {
  if (core_.closed) return close_one(lock, std::move(connection), CloseReason::pool_closed);
  if (core_.give(std::move(connection), clock->now())) watch_idle();  // the reaper may have looked in the meantime
}

void PoolState::give_back(PooledPointer connection, std::shared_ptr<PoolState> share) noexcept {
  if (!in_own_process()) return abandon(std::move(connection));
  auto* const session = ConnectionAccess::session(connection->connection);
  bool const fit = session != nullptr && session->settle_for_reuse(options.on_return == OnReturn::discard_all);
  auto const now = clock->now();
  connection->idle_since = now;
  if (source.events) tell_released(*this, now - connection->lent_at);
  Lock lock{*this};
  if (!fit || core_.closed || now >= connection->expires) {
    if (session == nullptr || session->broken()) core_.growth.lost();
    auto const reason = fit ? core_.closed ? CloseReason::pool_closed : CloseReason::max_lifetime : CloseReason::broken;
    return close_one(lock, std::move(connection), reason);
  }
  connection->generation = counts_.generation;
  connection->lender = std::move(share);  // with the lock, so that nobody has closed the pool before it is released
  if (core_.give(std::move(connection), now)) watch_idle();
}

void PoolState::discard(PooledPointer connection) noexcept {
  if (!in_own_process()) return abandon(std::move(connection));
  auto* const session = ConnectionAccess::session(connection->connection);
  bool const broken = session == nullptr || session->broken();
  if (source.events) tell_released(*this, clock->now() - connection->lent_at);
  Lock lock{*this};
  close_one(lock, std::move(connection), broken ? CloseReason::broken : CloseReason::discarded);
}

void PoolState::close_one(Lock& lock, PooledPointer connection, CloseReason reason) noexcept {
  lock.unlock();
  connection.reset();
  tell_closed(*this, reason);
  lock.lock();
  count_closed(1);
}

void PoolState::count_closed(int count) noexcept {
  counts_.closed += static_cast<std::uint64_t>(count);
  core_.closed_some(count, clock->now());
  tell_if_all_closed();
}

void PoolState::tell_if_all_closed() noexcept {
  if (core_.all_closed()) all_closed_.request_stop();
}

void PoolState::close_expired() {
  require_own_process();
  Lock lock{*this};
  auto const now = clock->now();
  auto old = core_.idle.take_expired(now);
  lock.unlock();
  auto const count = static_cast<int>(old.size());
  for (auto& connection : old) {
    auto const reason = reason_of_age(*connection, now);
    connection.reset();
    tell_closed(*this, reason);
  }
  lock.lock();
  count_closed(count);
}

bool PoolState::close(nanoseconds timeout) {
  auto const deadline = after(clock->now(), timeout);
  Lock lock{*this};
  closing_.request_stop();
  auto unused = core_.close(std::make_exception_ptr(PoolClosed("the pool is closed")));
  auto thread = std::move(reaper_);
  lock.unlock();
  if (thread.joinable()) {
    thread.request_stop();
    thread.join();
  }
  auto const count = static_cast<int>(unused.size());
  unused.clear();
  for (int i = 0; i < count; ++i) tell_closed(*this, CloseReason::pool_closed);
  lock.lock();
  count_closed(count);
  bool const all_here = core_.all_closed();
  lock.unlock();
  if (!all_here) clock->sleep_until(deadline, all_closed_.get_token());
  lock.lock();
  return core_.all_closed();
}

PoolStatistics PoolState::statistics() const {
  require_own_process();  // a thread that held the mutex at the fork is not there to release it
  std::lock_guard const lock{mutex_};
  auto result = counts_;
  result.open = core_.growth.open();
  result.idle = static_cast<int>(core_.idle.size());
  result.waiting = core_.waiters.size();
  return result;
}

void PoolState::count_replay() {
  std::lock_guard const lock{mutex_};
  ++counts_.replays;
}

void PoolState::count_in_doubt() {
  std::lock_guard const lock{mutex_};
  ++counts_.in_doubt;
}

void PoolState::throw_timeout(nanoseconds waited) {
  ++counts_.timeouts;
  auto const& growth = core_.growth;
  ErrorFacts facts;
  facts.message = "no connection of the pool came free within " +
                  std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(waited).count()) + " ms (" +
                  std::to_string(growth.open()) + " of " + std::to_string(growth.max_size()) + " are open)";
  if (!growth.awake() && !last_failure_.empty()) facts.hint = "The last failure to connect: " + last_failure_;
  facts.retryable = true;
  facts.elapsed = waited;
  throw PoolTimeout{std::move(facts)};
}

// Called when a connection has become idle.
void PoolState::watch_idle() noexcept {
  if (!options.reaper) return;
  auto const expiry = core_.idle.next_expiry_after_put();
  if (expiry >= reaper_wakes_) return;
  reaper_wakes_ = expiry;
  if (reaper_.joinable()) return reaper_called_.notify_one();
  try {
    reaper_ = std::jthread{[this](std::stop_token const& stop) { reap(stop); }};
  } catch (...) {  // without a thread, the next `acquire` closes what is too old
    reaper_wakes_ = Moment::max();
  }
}

void PoolState::reap(std::stop_token const& stop) {
  Lock lock{*this};
  while (!stop.stop_requested()) {
    auto const planned = core_.idle.next_expiry();
    reaper_wakes_ = planned;
    auto const sooner = [&] { return reaper_wakes_ < planned; };
    lock.ring();
    if (planned == Moment::max()) {
      reaper_called_.wait(lock, stop, sooner);
      continue;
    }
    auto const pause = std::max<nanoseconds>(time_left(clock->now(), planned), 1ms);
    if (reaper_called_.wait_for(lock, stop, pause, sooner) || stop.stop_requested()) continue;
    lock.unlock();
    close_expired();
    lock.lock();
  }
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
