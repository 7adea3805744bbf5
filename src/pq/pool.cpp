#include <lakebase/pq/pool.hpp>

#include <algorithm>
#include <random>
#include <utility>

#include <lakebase/error.hpp>

#include "pq/connection_access.hpp"
#include "pq/pool_state.hpp"

namespace lakebase::inline v0::pq {
namespace detail {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

Moment after(Moment moment, nanoseconds span) {
  if (span >= std::chrono::hours{24 * 365}) span = std::chrono::hours{24 * 365};
  return moment + std::chrono::duration_cast<Moment::duration>(span);
}

// A tenth to either side, so that connections opened together do not end together.
nanoseconds with_jitter(nanoseconds lifetime) {
  thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_real_distribution<double> factor{0.9, 1.1};
  return nanoseconds{static_cast<std::int64_t>(factor(random) * static_cast<double>(lifetime.count()))};
}

// Thrown out of a series of attempts that had better not go on: there are too many connections already.
struct Crowded {
  ConnectAttempt attempt;
};

// A stop request of either of two tokens.
class EitherStop {
 public:
  EitherStop(std::stop_token const& one, std::stop_token const& other)
      : from_one_(one, Forward{&source_}), from_other_(other, Forward{&source_}) {}
  std::stop_token token() const { return source_.get_token(); }

 private:
  struct Forward {
    std::stop_source* to;
    void operator()() const { to->request_stop(); }
  };
  std::stop_source source_{};
  std::stop_callback<Forward> from_one_;
  std::stop_callback<Forward> from_other_;
};

// In a forked child a connection must be neither used nor closed: both would speak on the parent's socket.
void abandon(PooledPointer connection) noexcept {
  static_cast<void>(connection.release());
}

constexpr nanoseconds crowd_pause = 1s;

}  // namespace

PoolState::PoolState(ConnectionSource from, PoolOptions with)
    : source(std::move(from)), options(std::move(with)), clock(options.clock ? options.clock : make_system_clock()) {
  if (options.max_size < 1) throw ConfigError("a pool needs a max_size of at least 1");
  if (options.min_idle < 0 || options.min_idle > options.max_size) {
    throw ConfigError("min_idle of a pool must be between 0 and max_size");
  }
  if (!source.credentials) throw ConfigError("no credentials to connect with");
  validate(source.parameters, source.credentials->uses_tokens());
  idle.reserve(static_cast<std::size_t>(options.max_size));
}

void PoolState::require_own_process() const {
  if (!fork_guard.same_process()) throw PoolClosed("the pool belongs to the process that this one was forked from");
}

Lease PoolState::lend(PooledPointer connection) {
  return Lease{shared_from_this(), std::move(connection)};
}

bool PoolState::expired(PooledConnection const& connection, Moment now) const {
  return now >= connection.expires || now >= after(connection.idle_since, options.idle_timeout);
}

bool PoolState::works(PooledConnection& connection) const {
  if (!connection.connection.alive()) return false;
  if (!options.ask_after_idle || clock->now() - connection.idle_since < *options.ask_after_idle) return true;
  try {
    connection.connection.exec("SELECT 1", {}, {.timeout = 5s});
    return true;
  } catch (Error const&) {
    return false;
  }
}

// Takes idle connections until one works; null where none does.
PooledPointer PoolState::take_idle(Lock& lock, Moment now) {
  while (!idle.empty()) {
    auto connection = std::move(idle.back());
    idle.pop_back();
    bool const too_old = expired(*connection, now);
    if (!too_old) ++counts.acquired;
    lock.unlock();
    if (!too_old && works(*connection)) return connection;
    if (too_old) {
      connection.reset();
      lock.lock();
      ++counts.closed;
      free_places(1);
    } else {
      lock.lock();
      --counts.acquired;
      found_dead(lock, std::move(connection));
    }
  }
  return nullptr;
}

// A suspended endpoint has ended all sessions: the others are looked at too, once.
void PoolState::found_dead(Lock& lock, PooledPointer dead) {
  ++counts.found_dead;
  ++counts.closed;
  bool const news = dead->generation == counts.generation;
  awake = false;
  if (news) {
    ++counts.generation;
    sweep(lock);
  }
  lock.unlock();
  dead.reset();
  lock.lock();
  free_places(1);
}

void PoolState::sweep(Lock& lock) {
  auto suspects = std::exchange(idle, {});
  lock.unlock();
  std::vector<PooledPointer> good;
  int dead = 0;
  for (auto& suspect : suspects) {
    if (suspect->connection.alive()) {
      good.push_back(std::move(suspect));
    } else {
      suspect.reset();
      ++dead;
    }
  }
  lock.lock();
  counts.found_dead += static_cast<std::uint64_t>(dead);
  counts.closed += static_cast<std::uint64_t>(dead);
  for (auto& connection : good) {
    connection->generation = counts.generation;
    place(std::move(connection));
  }
  free_places(dead);
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
  if (open == 0) all_back.notify_all();
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

Lease PoolState::acquire(AcquireOptions const& asked) {
  require_own_process();
  auto const limit = asked.timeout.value_or(options.acquire_timeout);
  auto const start = clock->now();  // once for all: looking at a clock is a good part of the cost here
  Limits const limits{after(start, limit), asked.stop};
  Lock lock{mutex};
  for (bool first_in_line = false;; first_in_line = true) {
    if (closed) throw PoolClosed("the pool is closed");
    PooledPointer connection = take_idle(lock, start);
    if (connection) return lend(std::move(connection));
    if (closed) continue;
    // Those who came earlier go first.
    if ((queue.empty() || first_in_line) && may_open(clock->now())) {
      ++open;
      ++opening;
      connection = open_one(lock, limits);
    } else {
      connection = wait_in_queue(lock, limits, first_in_line);
    }
    if (connection) {
      if (lock.owns_lock()) lock.unlock();
      return lend(std::move(connection));
    }
    if (!lock.owns_lock()) lock.lock();
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
  for (auto now = start; !called(); now = clock->now()) {
    bool const over = now >= limits.deadline;
    if (over || limits.stop.stop_requested()) {
      queue.erase(std::find(queue.begin(), queue.end(), &waiter));
      if (!over) throw Cancelled("the wait for a connection of a pool was stopped");
      ++counts.timeouts;
      throw_timeout(now - start);
    }
    auto until = limits.deadline;
    if (no_growth_before > now) until = std::min(until, no_growth_before);
    waiter.called.wait_for(lock, limits.stop, until - now, called);
    if (!called() && clock->now() >= no_growth_before) grant();
  }
  if (waiter.got == Waiter::Got::error) std::rethrow_exception(waiter.error);
  if (waiter.got == Waiter::Got::permission_to_open) return open_one(lock, limits);
  lock.unlock();
  bool const good = works(*waiter.connection);
  lock.lock();
  if (good) {
    ++counts.acquired;
    return std::move(waiter.connection);
  }
  found_dead(lock, std::move(waiter.connection));
  return nullptr;
}

PooledPointer PoolState::dial(Limits const& limits) {
  EitherStop const stop{limits.stop, closing.get_token()};
  auto how = options.connect;
  how.stop = stop.token();
  how.timeout = std::min<nanoseconds>(how.timeout, limits.deadline - clock->now());
  if (!how.clock) how.clock = clock;
  how.on_attempt = [this, told = options.connect.on_attempt](ConnectAttempt const& attempt) {
    if (told) told(attempt);
    if (attempt.recovery != ConnectRecovery::retry_slowly) return;
    std::lock_guard const lock{mutex};
    if (open > opening) throw Crowded{attempt};  // somebody has a connection, which will come back
  };
  auto connection = connect(source, how);
  if (options.on_connect) options.on_connect(connection);
  auto const now = clock->now();
  return std::make_unique<PooledConnection>(
      PooledConnection{std::move(connection), after(now, with_jitter(options.max_lifetime)), now, 0});
}

// Opens a connection in a place that is already counted. Null, with the lock held, where the pool must not grow now.
PooledPointer PoolState::open_one(Lock& lock, Limits const& limits) {
  lock.unlock();
  PooledPointer connection;
  std::exception_ptr error;
  bool crowded = false;
  try {
    connection = dial(limits);
  } catch (Crowded const& crowd) {
    crowded = true;
    error = std::current_exception();
    lock.lock();
    last_failure = crowd.attempt.message;
    lock.unlock();
  } catch (...) {
    error = std::current_exception();
  }
  lock.lock();
  --opening;
  if (connection) {
    ++counts.opened;
    ++counts.acquired;
    awake = true;
    connection->generation = counts.generation;
    if (!closed) {
      grant();
      return connection;
    }
    lock.unlock();
    connection.reset();
    lock.lock();
    free_places(1);
    throw PoolClosed("the pool is closed");
  }
  ++counts.connect_failures;
  if (crowded) {
    no_growth_before = after(clock->now(), crowd_pause);
    free_places(1);
    return nullptr;
  }
  after_failed_open(error, limits);
  std::rethrow_exception(error);
}

void PoolState::after_failed_open(std::exception_ptr const& error, Limits const& limits) {
  awake = false;
  bool for_all = false;
  try {
    std::rethrow_exception(error);
  } catch (Cancelled const&) {
  } catch (Error const& one) {
    last_failure = one.what();
    // What will fail for one will fail for all, unless this one just ran out of time.
    for_all = !one.retryable() && clock->now() < limits.deadline;
  } catch (...) {
    for_all = true;
  }
  if (for_all) fail_all(error);
  free_places(1);
}

void PoolState::fail_all(std::exception_ptr const& error) {
  for (auto* const waiter : std::exchange(queue, {})) {
    waiter->got = Waiter::Got::error;
    waiter->error = error;
    waiter->called.notify_one();
  }
}

void PoolState::throw_timeout(nanoseconds waited) {
  ErrorFacts facts;
  facts.message = "no connection of the pool came free within " +
                  std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(waited).count()) + " ms (" +
                  std::to_string(open) + " of " + std::to_string(options.max_size) + " are open)";
  if (!awake && !last_failure.empty()) facts.hint = "the last failure to connect: " + last_failure;
  facts.retryable = true;
  facts.elapsed = waited;
  throw PoolTimeout{std::move(facts)};
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
    lock.unlock();
    return discard(std::move(connection));
  }
  connection->generation = counts.generation;
  place(std::move(connection));
  if (reaper_rests) {
    reaper_called.notify_one();
  } else if (options.reaper && !reaper.joinable()) {
    try {
      reaper = std::jthread{[this](std::stop_token const& stop) { reap(stop); }};
    } catch (...) {  // without a thread, the next `acquire` closes what is too old
    }
  }
}

void PoolState::discard(PooledPointer connection) noexcept {
  if (!fork_guard.same_process()) return abandon(std::move(connection));
  connection.reset();
  Lock const lock{mutex};
  ++counts.closed;
  free_places(1);
}

std::vector<PooledPointer> PoolState::take_expired(Moment now) {
  std::vector<PooledPointer> old;
  auto spare = static_cast<std::ptrdiff_t>(idle.size()) - options.min_idle;
  auto const keep = [&](PooledPointer& one) {
    bool const goes = now >= one->expires || (spare > 0 && expired(*one, now));
    if (goes) {
      --spare;
      old.push_back(std::move(one));
    }
    return !goes;
  };
  idle.erase(std::stable_partition(idle.begin(), idle.end(), keep), idle.end());
  return old;
}

void PoolState::close_expired() {
  require_own_process();
  Lock lock{mutex};
  auto old = take_expired(clock->now());
  lock.unlock();
  auto const count = static_cast<int>(old.size());
  old.clear();
  lock.lock();
  counts.closed += static_cast<std::uint64_t>(count);
  free_places(count);
}

// Of the connections that the reaper may close; none where there are none.
std::optional<Moment> PoolState::next_expiry() const {
  std::optional<Moment> next;
  auto const spare = static_cast<std::ptrdiff_t>(idle.size()) - options.min_idle;
  for (auto const& one : idle) {
    auto const end = spare > 0 ? std::min(one->expires, after(one->idle_since, options.idle_timeout)) : one->expires;
    if (!next || end < *next) next = end;
  }
  return next;
}

void PoolState::reap(std::stop_token const& stop) {
  Lock lock{mutex};
  while (!stop.stop_requested()) {
    auto const next = next_expiry();
    if (!next) {
      reaper_rests = true;
      reaper_called.wait(lock, stop, [&] { return !idle.empty(); });
      reaper_rests = false;
      continue;
    }
    auto const pause = std::max<nanoseconds>(*next - clock->now(), 1ms);
    reaper_called.wait_for(lock, stop, pause, [] { return false; });
    if (stop.stop_requested()) return;
    lock.unlock();
    close_expired();
    lock.lock();
  }
}

bool PoolState::close(nanoseconds timeout) {
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::duration_cast<Moment::duration>(timeout);
  Lock lock{mutex};
  closed = true;
  closing.request_stop();
  fail_all(std::make_exception_ptr(PoolClosed("the pool is closed")));
  auto thread = std::move(reaper);
  auto unused = std::exchange(idle, {});
  lock.unlock();
  if (thread.joinable()) {
    thread.request_stop();
    thread.join();
  }
  auto const count = static_cast<int>(unused.size());
  unused.clear();
  lock.lock();
  counts.closed += static_cast<std::uint64_t>(count);
  free_places(count);
  return all_back.wait_until(lock, deadline, [&] { return open == 0; });
}

PoolStatistics PoolState::statistics() const {
  std::lock_guard const lock{mutex};
  auto result = counts;
  result.open = open;
  result.idle = static_cast<int>(idle.size());
  result.waiting = static_cast<int>(queue.size());
  return result;
}

}  // namespace detail

Lease::Lease(std::shared_ptr<detail::PoolState> pool, std::unique_ptr<detail::PooledConnection> connection) noexcept
    : pool_(std::move(pool)), connection_(std::move(connection)) {}
Lease::~Lease() {
  give_back();
}
Lease::Lease(Lease&& other) noexcept = default;
Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    give_back();
    pool_ = std::move(other.pool_);
    connection_ = std::move(other.connection_);
  }
  return *this;
}

Connection& Lease::operator*() const noexcept {
  return connection_->connection;
}
Connection* Lease::operator->() const noexcept {
  return &connection_->connection;
}

void Lease::give_back() noexcept {
  if (connection_) pool_->give_back(std::move(connection_));
}

void Lease::discard() noexcept {
  if (connection_) pool_->discard(std::move(connection_));
}

pg_conn* Lease::lend() {
  return ConnectionAccess::session(connection_->connection)->release();
}

void Lease::take_back(pg_conn* connection) {
  ConnectionAccess::session(connection_->connection)->adopt(connection);
}

ConnectionPool::ConnectionPool(ConnectionSource source, PoolOptions options)
    : state_(std::make_shared<detail::PoolState>(std::move(source), std::move(options))) {}

ConnectionPool::~ConnectionPool() {
  if (!state_) return;
  if (state_->fork_guard.same_process()) {
    state_->close({});
  } else {
    // The connections and the reaper belong to the parent: they are left alone, and so is the memory they are in.
    new std::shared_ptr<detail::PoolState>(std::move(state_));
  }
}

ConnectionPool::ConnectionPool(ConnectionPool&&) noexcept = default;

Lease ConnectionPool::acquire(AcquireOptions const& options) {
  return state_->acquire(options);
}
void ConnectionPool::close_expired() {
  state_->close_expired();
}

bool ConnectionPool::close(std::chrono::nanoseconds timeout) {
  state_->require_own_process();
  return state_->close(timeout);
}

PoolStatistics ConnectionPool::statistics() const {
  return state_->statistics();
}
ConnectionSource const& ConnectionPool::source() const noexcept {
  return state_->source;
}

}  // namespace lakebase::inline v0::pq
