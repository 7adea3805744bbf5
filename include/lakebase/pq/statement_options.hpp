#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// What bounds one statement. When a bound is hit the statement is cancelled on the wire; if the server does not react
/// to that, the connection is closed: the call ends within 5 s of its bound, whatever the server does. A statement that
/// finished first keeps its result.
struct StatementOptions {
  /// Unset: no bound. @throws StatementTimeout
  std::optional<std::chrono::nanoseconds> timeout{};
  /// Requesting it cancels at once. @throws Cancelled
  std::stop_token stop{};
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
