#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include <lakebase/pq/error.hpp>
#include <lakebase/pq/pool.hpp>

#include "pq/pool/pooled_connection.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Ends a series of attempts that should not go on, because the server has too many connections already.
struct Crowded : ConnectionError {
  explicit Crowded(ConnectAttempt const& attempt)
      : ConnectionError{false, {.sqlstate = attempt.sqlstate}, saying(attempt)} {}

 private:
  static ErrorFacts saying(ConnectAttempt const& attempt) {
    return {.message = attempt.message, .error_code = attempt.sqlstate};
  }
};

/// How long opening a connection may take.
struct OpenLimits {
  Moment deadline;
  std::stop_token stop;     ///< The caller's.
  std::stop_token closing;  ///< The pool's.
};

/// Connects, and sets the connection up as the options of a pool say. `others_open`: whether the pool has another
/// connection that will be returned, so that the attempts end if the server has too many connections.
/// @throws Crowded, and what `connect` and `on_connect` throw
PooledPointer open_connection(ConnectionSource const& source, PoolOptions const& options,
                              std::shared_ptr<Clock> const& clock, OpenLimits const& limits,
                              std::function<bool()> const& others_open);

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
