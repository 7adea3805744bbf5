#include "pq/pool_state.hpp"

#include <utility>

#include <lakebase/error.hpp>

#include "pq/source_clock.hpp"

namespace lakebase::inline v0::pq::detail {
namespace {

using std::chrono::nanoseconds;

}  // namespace

PoolState::PoolState(ConnectionSource from, PoolOptions with)
    : source(std::move(from)), options(std::move(with)), clock(clock_for(source, options.clock)) {
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

bool PoolState::close(nanoseconds timeout) {
  auto const deadline = after(clock->now(), timeout);
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
  bool const all_here = open == 0;
  lock.unlock();
  if (!all_here) clock->sleep_until(deadline, all_back.get_token());
  lock.lock();
  return open == 0;
}

PoolStatistics PoolState::statistics() const {
  require_own_process();  // whoever held the mutex at the fork is not there to release it
  std::lock_guard const lock{mutex};
  auto result = counts;
  result.open = open;
  result.idle = static_cast<int>(idle.size());
  result.waiting = static_cast<int>(queue.size());
  return result;
}

}  // namespace lakebase::inline v0::pq::detail
