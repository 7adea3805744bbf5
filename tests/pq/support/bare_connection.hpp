#pragma once

#include <chrono>
#include <memory>

#include "pq/pool/pooled_connection.hpp"
#include "pq/session/connection_access.hpp"

namespace lakebase::tests {

/// Some moment to count from.
inline constexpr pq::detail::Moment t0{std::chrono::hours{1}};

/// A connection as a pool knows it, without a server behind it: opened, lent and returned at `idle_since`.
inline pq::detail::PooledPointer bare_connection(pq::detail::Moment idle_since = t0,
                                                 pq::detail::Moment expires = pq::detail::Moment::max()) {
  return std::make_unique<pq::detail::PooledConnection>(pq::detail::PooledConnection{
      pq::ConnectionAccess::make(nullptr), expires, idle_since, idle_since, idle_since, 0, nullptr});
}

}  // namespace lakebase::tests
