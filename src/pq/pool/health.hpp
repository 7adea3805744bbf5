#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include "pq/pool/pooled_connection.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// How an idle connection is checked before it is lent.
enum class Check {
  none,
  look,  ///< Look at its socket: whether the server has hung up.
  ask,   ///< The same, and the server has to respond to a statement.
};

/// A connection that was seen to be open less than this ago is lent without a look. This is about a round trip to the
/// service: what the server has sent since may still be on its way, so a look would prove nothing.
inline constexpr std::chrono::nanoseconds trusted_after_look = std::chrono::milliseconds{1};

Check check_before_lending(PooledConnection const& connection, Moment now,
                           std::optional<std::chrono::nanoseconds> ask_after_idle) noexcept;

/// What a check has shown.
enum class Health {
  good,
  lost,       ///< The server has ended the session, or does not respond.
  unchecked,  ///< The caller had no time left for a response: nothing was done.
  /// The caller's time ended the check, or its stop request: the session was given up, and nothing is known about
  /// others.
  undecided,
};

/// Makes the check. Waits for a response until `deadline` at most.
Health health_of(PooledConnection& connection, Check check, Moment now, Moment deadline, std::stop_token const& stop);

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
