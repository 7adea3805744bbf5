#pragma once

#include <chrono>
#include <optional>

#include <lakebase/error.hpp>

// Whether a failed attempt is followed by another one. Decided here and nowhere else; see docs/adr on retries of
// writes.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// A failed attempt, before it is known whether another follows.
struct Failure {
  ErrorFacts facts{};
  /// Set if no whole response came.
  std::optional<TransportError::Kind> fault{};
  bool maybe_sent = true;
};

enum class Verdict {
  give_up,
  retry,
  /// Three times at most: a wrong host name stays wrong, but name servers have transient failures.
  retry_briefly,
  /// Another change of the same resource is running: soon, and often.
  retry_conflict,
};

/// What the verdict depends on besides the failure.
struct RetryRules {
  /// Sending the request twice is the same as sending it once.
  bool is_safe = false;
  /// The caller does not mind that an unsafe request may be acted on twice.
  bool retries_unsafe = false;
  bool retries_conflicts = true;
};

/// Whether a status tells of a state that passes by itself: of a server that has too much to do, or is out of reach.
bool is_passing_status(int status) noexcept;

/// The verdict on a fault for a request that may be sent twice. `give_up`: it will fail the same way.
Verdict judge_fault(TransportError::Kind kind) noexcept;

Verdict judge(Failure const& failure, RetryRules const& rules);

/// The verdict for requests of the Data API: by its codes, which tell whether a statement was begun.
Verdict judge_rows(Failure const& failure, RetryRules const& rules);

/// The pause after the n-th failure: min(10, n) s and up to one more, so that callers do not come back in step; longer
/// if the service requests it.
std::chrono::nanoseconds pause_after(int failures, std::optional<std::chrono::nanoseconds> retry_after);

/// The pause after a conflict that followed `conflicts_before` others: 100 ms, growing by half each time up to 2 s, of
/// which up to a third is random; longer if the service requests it.
std::chrono::nanoseconds pause_after_conflict(int conflicts_before,
                                              std::optional<std::chrono::nanoseconds> retry_after);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
