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
  /// The most that are put in.
  std::size_t capacity = 0;
  /// So many are kept although they have been idle for too long. No connection outlives its lifetime.
  int min_idle = 0;
  std::chrono::nanoseconds idle_timeout{};
};

/// The idle connections of a pool: which is lent next, and which has to be closed when. Has no lock, no clock and no
/// socket of its own; the one used last is lent first, so that the others can grow old.
class IdleSet {
 public:
  /// A connection that was taken out. `expired`: it has to be closed instead of lent.
  struct Taken {
    PooledPointer connection{};
    bool expired = false;
  };

  explicit IdleSet(IdleLimits limits);

  bool empty() const noexcept { return connections_.empty(); }
  std::size_t size() const noexcept { return connections_.size(); }

  /// Adds the one used last. There must be no more than the capacity.
  void put(PooledPointer connection) noexcept;
  /// Takes the one used last; null if there is none.
  Taken take(Moment now) noexcept;
  /// Takes all whose time is over: those idle for longest first, as far as `min_idle` allows.
  std::vector<PooledPointer> take_expired(Moment now);
  std::vector<PooledPointer> take_all();

  /// When the first of them expires; the far end of time if there is none.
  Moment next_expiry() const noexcept;
  /// When the one that was put in last, or the one idle for longest, expires: all that `put` can have changed.
  Moment next_expiry_after_put() const noexcept;

 private:
  bool has_spare() const noexcept { return static_cast<std::ptrdiff_t>(size()) > limits_.min_idle; }
  // With its own copy of the times: who takes one looks at nothing that another processor has just written.
  struct Idle {
    PooledPointer connection;
    Moment expires;
    Moment idle_since;
  };

  // `spare`: its idleness counts.
  Moment end_of(Idle const& idle, bool spare) const noexcept;

  IdleLimits limits_;
  std::vector<Idle> connections_{};  // the one used last is at the back
};

/// When a connection has lived long enough: `max_lifetime` after it was opened, a tenth earlier or later, so that those
/// opened together do not end together. `draw` chooses, from 0 (early) to 1 (late).
Moment end_of_life(Moment opened, std::chrono::nanoseconds max_lifetime, double draw) noexcept;

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
