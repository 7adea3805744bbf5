#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include <lakebase/pq/connection.hpp>

#include "pq/steps/step.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

struct PoolState;

/// A connection of a pool, with what the pool knows about it.
struct PooledConnection {
  Connection connection;
  /// When its life ends.
  Moment expires{};
  Moment lent_at{};
  Moment idle_since{};
  /// When it was last seen to be open: when it was opened or its socket was looked at.
  Moment seen_open{};
  /// The pool's generation when it was last known to work.
  std::uint64_t generation = 0;
  /// The share in the pool that its lease has. It is kept here while there is no lease, so that lending and returning
  /// change no reference count. Closing the pool closes what is idle, which breaks the cycle.
  std::shared_ptr<PoolState> lender{};
};
using PooledPointer = std::unique_ptr<PooledConnection>;

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
