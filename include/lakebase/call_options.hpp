#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include <lakebase/transport.hpp>

namespace lakebase {
inline namespace v0 {

/// How a call is repeated. What is unset here comes from the client's Config.
struct RetryOptions {
  /// Maximum number of attempts of one call, the first included. Unset: as many as the time allows. 1: never repeat,
  /// besides one attempt with a new token if the service refuses the token of the first.
  std::optional<int> max_attempts{};
  /// Also repeat a write after a fault in which the server may have acted on it. Default false: such a call fails with
  /// a TransportError, and the caller has to find out what happened.
  std::optional<bool> retry_unsafe_transport_errors{};
  /// Also repeat a call that the service turned away because another change of the same thing is running: 409 with the
  /// code ABORTED, or a message that mentions an operation or a reconciliation. Pauses are 100 ms to 2 s, for 60 s at
  /// most, or for as long as `CallOptions::timeout` says. Never repeated: ALREADY_EXISTS, and a call that carries an
  /// etag.
  bool conflicts = true;
};

/// What applies to all calls of a client made by `with`.
struct CallOptions {
  /// Bounds one call with everything in it: name resolution, connection, authentication, all attempts and the pauses
  /// between them. Unset: `Config::retry_timeout_seconds`.
  std::optional<std::chrono::nanoseconds> timeout{};
  /// Ends calls at once, whatever they are doing.
  std::stop_token stop{};
  /// When to retry.
  RetryOptions retry{};
  /// Added to each request, over the client's own headers. `Authorization` and `User-Agent` cannot be set here.
  Headers headers{};
};

}  // namespace v0
}  // namespace lakebase
