#include <algorithm>
#include <chrono>
#include <cstddef>
#include <thread>
#include <utility>
#include <vector>

#include "pq/pool_state.hpp"

// When a connection's time is over.

namespace lakebase::inline v0::pq::detail {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

}  // namespace

// How many of the idle connections may be closed for being idle; the others are kept by `min_idle`.
std::ptrdiff_t PoolState::spare_idle() const noexcept {
  return static_cast<std::ptrdiff_t>(idle.size()) - options.min_idle;
}

Moment PoolState::end_of(PooledConnection const& connection, bool spare) const noexcept {
  return spare ? std::min(connection.expires, after(connection.idle_since, options.idle_timeout)) : connection.expires;
}

std::vector<PooledPointer> PoolState::take_expired(Moment now) {
  std::vector<PooledPointer> old;
  auto spare = spare_idle();
  auto const stays = [&](PooledPointer& one) {
    bool const goes = now >= end_of(*one, spare > 0);
    if (goes) {
      --spare;
      old.push_back(std::move(one));
    }
    return !goes;
  };
  idle.erase(std::stable_partition(idle.begin(), idle.end(), stays), idle.end());
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

// When the first of the idle connections has to go; the far end of time where there are none.
Moment PoolState::next_expiry() const noexcept {
  auto next = Moment::max();
  for (auto const& one : idle) next = std::min(next, end_of(*one, spare_idle() > 0));
  return next;
}

// Called when a connection has become idle.
void PoolState::watch_idle() noexcept {
  if (!options.reaper || idle.empty()) return;
  if (reaper.joinable()) {
    // The first has been idle for longest.
    if (end_of(*idle.front(), spare_idle() > 0) < reaper_wakes) reaper_called.notify_one();
    return;
  }
  try {
    reaper = std::jthread{[this](std::stop_token const& stop) { reap(stop); }};
  } catch (...) {  // without a thread, the next `acquire` closes what is too old
  }
}

void PoolState::reap(std::stop_token const& stop) {
  Lock lock{mutex};
  while (!stop.stop_requested()) {
    reaper_wakes = next_expiry();
    auto const sooner = [&] { return next_expiry() < reaper_wakes; };
    if (reaper_wakes == Moment::max()) {
      reaper_called.wait(lock, stop, sooner);
      continue;
    }
    auto const pause = std::max<nanoseconds>(time_left(clock->now(), reaper_wakes), 1ms);
    if (reaper_called.wait_for(lock, stop, pause, sooner) || stop.stop_requested()) continue;
    lock.unlock();
    close_expired();
    lock.lock();
  }
}

}  // namespace lakebase::inline v0::pq::detail
