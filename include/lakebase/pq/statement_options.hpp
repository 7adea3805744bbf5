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
  /// Whether rows are to come in PostgreSQL's binary format. `Field::as` reads the same from it, faster for numbers,
  /// times and bytes; `Field::text` is of no use then. Types that the server has no well-known number for, such as
  /// enums and composites, need a cast to text. Of a statement that is sent with it, `sql` can hold one only.
  bool binary_results = false;
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
