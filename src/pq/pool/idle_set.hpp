#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "pq/pool/pooled_connection.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// How long idle connections are kept.
struct IdleLimits {
  /// The largest number of idle connections.
  std::size_t capacity = 0;
  /// How many are kept even if they have been idle for too long. No connection outlives its lifetime.
  int min_idle = 0;
  std::chrono::nanoseconds idle_timeout{};
};

/// The idle connections of a pool: which one is lent next, and when each has to be closed. The most recently used one
/// is lent first, so that the others can expire. Has no lock, no clock and no socket of its own.
class IdleSet {
 public:
  /// A connection that was taken out; if `expired`, it has to be closed instead of lent.
  struct Taken {
    PooledPointer connection{};
    bool expired = false;
  };

  explicit IdleSet(IdleLimits limits);

  bool empty() const noexcept { return connections_.empty(); }
  std::size_t size() const noexcept { return connections_.size(); }

  /// Adds a connection as the most recently used one. The capacity must not be exceeded.
  void put(PooledPointer connection) noexcept;
  /// Takes the most recently used one; null if there is none.
  Taken take(Moment now) noexcept;
  /// Takes all that have expired: those idle for longest first, as far as `min_idle` allows.
  std::vector<PooledPointer> take_expired(Moment now);
  std::vector<PooledPointer> take_all();

  /// When the first of them expires; the maximum if there are none.
  Moment next_expiry() const noexcept;
  /// When the one that was put in last, or the one idle for longest, expires: only these can `put` have changed.
  Moment next_expiry_after_put() const noexcept;

 private:
  bool has_spare() const noexcept { return static_cast<std::ptrdiff_t>(size()) > limits_.min_idle; }
  // Has its own copy of the times, so that taking one reads no memory that another processor has just written.
  struct Idle {
    PooledPointer connection;
    Moment expires;
    Moment idle_since;
  };

  // `spare`: whether the limit on idleness applies to it.
  Moment end_of(Idle const& idle, bool spare) const noexcept;

  IdleLimits limits_;
  std::vector<Idle> connections_{};  // the most recently used one is at the back
};

/// When a connection's life ends: `max_lifetime` after it was opened, up to a tenth earlier or later, so that those
/// opened together do not end together. `draw` chooses, from 0 (early) to 1 (late).
Moment end_of_life(Moment opened, std::chrono::nanoseconds max_lifetime, double draw) noexcept;

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
