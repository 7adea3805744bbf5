#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

namespace lakebase::inline v0::pq {

/// What bounds one statement. When a bound is hit the statement is cancelled on the wire; where the server does not
/// react to that within 5 s, the connection is given up. A statement that finished first keeps its result. Before libpq
/// 17 the request to cancel can take 30 s longer where the network has gone silent.
struct StatementOptions {
  /// Unset: no bound. @throws StatementTimeout
  std::optional<std::chrono::nanoseconds> timeout{};
  /// Requesting it cancels at once. @throws Cancelled
  std::stop_token stop{};
};

}  // namespace lakebase::inline v0::pq
