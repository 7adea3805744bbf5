#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <random>
#include <utility>

#include <lakebase/error.hpp>

#include "pq/pool_state.hpp"

// How a pool grows.

namespace lakebase::inline v0::pq::detail {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// A tenth to either side, so that connections opened together do not end together.
nanoseconds with_jitter(nanoseconds lifetime) {
  thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_real_distribution<double> factor{0.9, 1.1};
  return lakebase::detail::times(factor(random), lifetime);
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

constexpr nanoseconds crowd_pause = 1s;

}  // namespace

// Opens a connection in a place that is already counted. Null, with the lock held, where the pool must not grow now.
PooledPointer PoolState::open_one(Lock& lock, Limits const& limits) {
  lock.unlock();
  PooledPointer connection;
  std::optional<Crowded> crowd;
  std::exception_ptr error;
  try {
    connection = dial(limits);
  } catch (Crowded const& thrown) {
    crowd = thrown;
  } catch (...) {
    error = std::current_exception();
  }
  lock.lock();
  --opening;
  if (connection) return take_opened(lock, std::move(connection));
  ++counts.connect_failures;
  if (!crowd) fail_open(error, limits);
  last_failure = crowd->attempt.message;
  no_growth_before = after(clock->now(), crowd_pause);
  free_places(1);
  return nullptr;
}

PooledPointer PoolState::take_opened(Lock& lock, PooledPointer connection) {
  ++counts.opened;
  awake = true;
  if (closed) {
    close_one(lock, std::move(connection));
    throw_closed();
  }
  ++counts.acquired;
  connection->generation = counts.generation;
  grant();
  return connection;
}

PooledPointer PoolState::dial(Limits const& limits) {
  EitherStop const stop{limits.stop, closing.get_token()};
  auto how = options.connect;
  how.stop = stop.token();
  how.timeout = std::min(how.timeout, time_left(clock->now(), limits.deadline));
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
      PooledConnection{std::move(connection), after(now, with_jitter(options.max_lifetime)), now, 0, nullptr});
}

void PoolState::fail_open(std::exception_ptr const& error, Limits const& limits) {
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
  if (closed) throw_closed();
  std::rethrow_exception(error);
}

}  // namespace lakebase::inline v0::pq::detail
