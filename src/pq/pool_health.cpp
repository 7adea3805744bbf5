#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <lakebase/error.hpp>

#include "pq/connection_access.hpp"
#include "pq/pool_state.hpp"

// Whether idle connections still work. Nothing is sent to find out, unless `ask_after_idle` says so.

namespace lakebase::inline v0::pq::detail {
namespace {

using namespace std::chrono_literals;

}  // namespace

// Takes idle connections until one works; null where none does.
PooledPointer PoolState::take_idle(Lock& lock, Moment now, Limits const& limits) {
  while (!idle.empty()) {
    bool const too_old = now >= end_of(*idle.back(), spare_idle() > 0);
    auto connection = std::move(idle.back());
    idle.pop_back();
    if (too_old) {
      close_one(lock, std::move(connection));
      continue;
    }
    ++counts.acquired;
    lock.unlock();
    if (works(*connection, limits)) return connection;
    lock.lock();
    --counts.acquired;
    found_dead(lock, std::move(connection));
  }
  return nullptr;
}

bool PoolState::works(PooledConnection& connection, Limits const& limits) const {
  if (!connection.connection.alive()) return false;
  if (!options.ask_after_idle) return true;
  auto const now = clock->now();
  if (now - connection.idle_since < *options.ask_after_idle) return true;
  auto const time = std::min<std::chrono::nanoseconds>(time_left(now, limits.deadline), 5s);
  return ConnectionAccess::session(connection.connection)->responds(time, limits.stop);
}

// A suspended endpoint has ended all sessions: the others are looked at too, once.
void PoolState::found_dead(Lock& lock, PooledPointer dead) {
  ++counts.found_dead;
  awake = false;
  if (dead->generation == counts.generation) {
    ++counts.generation;
    sweep(lock);
  }
  close_one(lock, std::move(dead));
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
    if (closed) {
      close_one(lock, std::move(connection));
    } else {
      place(std::move(connection));
    }
  }
  free_places(dead);
}

}  // namespace lakebase::inline v0::pq::detail
