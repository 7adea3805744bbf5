#pragma once

#include <chrono>
#include <optional>

#include <lakebase/error.hpp>

// When a failed try is followed by another one. Decided here and nowhere else; see docs/adr on retries of writes.

namespace lakebase::inline v0::detail {

/// A try that failed, before it is known whether another follows.
struct Failure {
  ErrorFacts facts{};
  /// Set where no whole answer came.
  std::optional<TransportError::Kind> fault{};
  bool maybe_sent = true;

  /// Throws what the caller sees.
  [[noreturn]] void raise() const;
};

enum class Verdict {
  give_up,
  retry,
  /// Three times at most: a wrong host name does not become right, but name servers stumble.
  retry_briefly,
};

/// `is_safe`: sending the request twice is the same as sending it once.
Verdict judge(Failure const& failure, bool is_safe, bool retry_unsafe_transport_errors);

/// The pause after the n-th failure: min(10, n) s and up to one more, so that callers do not come back in step; longer
/// where the service asks for it.
std::chrono::nanoseconds pause_after(int failures, std::optional<std::chrono::nanoseconds> retry_after);

/// Uniform in [0, 1).
double random_fraction();

}  // namespace lakebase::inline v0::detail
