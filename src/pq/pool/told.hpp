#pragma once

#include <chrono>

#include <lakebase/events.hpp>

#include "pq/pool/pooled_connection.hpp"

// What a pool tells of itself, never with its lock held.

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

struct PoolState;

/// Why a connection of a pool is closed.
enum class CloseReason {
  idle_timeout,
  max_lifetime,
  server_gone,        ///< Found before it was lent.
  check_interrupted,  ///< By the deadline or stop of who asked for it.
  broken,             ///< When it came back.
  discarded,          ///< By its user.
  pool_closed,
};

/// Why a connection that is too old is closed at `now`.
CloseReason reason_of_age(PooledConnection const& connection, Moment now) noexcept;

/// The event of a pool, with what is always known.
Event event_of_pool(PoolState const& pool, EventKind kind) noexcept;

void tell_released(PoolState const& pool, std::chrono::nanoseconds lent) noexcept;
void tell_closed(PoolState const& pool, CloseReason reason) noexcept;

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
