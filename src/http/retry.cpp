#include "http/retry.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "base/ascii.hpp"
#include "base/error_types.hpp"
#include "base/random.hpp"
#include "http/error_mapping.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using Kind = TransportError::Kind;

// Texts of passing troubles of the service, whatever the status. The request may have been acted on.
constexpr std::array passing_troubles{
    "com.databricks.backend.manager.util.UnknownWorkerEnvironmentException",
    "does not have any associated worker environments",
    "There is no worker environment with id",
    "Unknown worker environment",
    "ClusterNotReadyException",
    "Unexpected error",
    "Please try again later or try a faster operation.",
    "Timed out after ",
    "deadline exceeded",
};

// The service turned the request away before it did anything.
constexpr std::array turned_away{"RPC token bucket limit has been exceeded", "REQUEST_LIMIT_EXCEEDED"};

template <class Texts>
bool says_one_of(ErrorFacts const& facts, Texts const& texts) {
  return std::any_of(texts.begin(), texts.end(), [&](std::string_view text) {
    return facts.message.find(text) != std::string::npos || facts.error_code == text;
  });
}

Verdict judge_answer(ErrorFacts const& facts, RetryRules const& rules) {
  if (rules.retries_conflicts && is_passing_conflict(facts)) return Verdict::retry_conflict;
  if (facts.http_status == 429 || facts.http_status == 503) return Verdict::retry;
  if (says_one_of(facts, turned_away)) return Verdict::retry;
  if (!rules.is_safe) return Verdict::give_up;
  if (facts.http_status == 502 || facts.http_status == 504) return Verdict::retry;
  return says_one_of(facts, passing_troubles) ? Verdict::retry : Verdict::give_up;
}

Verdict judge_fault(Kind kind) {
  switch (kind) {
    case Kind::resolve:
    case Kind::tls:
      return Verdict::retry_briefly;
    case Kind::connect:
    case Kind::timeout:
    case Kind::reset:
    case Kind::truncated:
      return Verdict::retry;
    case Kind::certificate:
    case Kind::protocol:
    case Kind::too_large:
    case Kind::other:
      break;
  }
  return Verdict::give_up;
}

}  // namespace

void Failure::raise() const {
  if (fault) throw TransportError{*fault, maybe_sent, facts};
  throw_api_error(facts);
}

Verdict judge(Failure const& failure, RetryRules const& rules) {
  if (!failure.fault) return judge_answer(failure.facts, rules);
  if (failure.maybe_sent && !rules.is_safe && !rules.retries_unsafe) return Verdict::give_up;
  return judge_fault(*failure.fault);
}

namespace {

std::chrono::nanoseconds at_least(double seconds, std::optional<std::chrono::nanoseconds> retry_after) {
  std::chrono::nanoseconds const pause{static_cast<std::int64_t>(seconds * 1e9)};
  return std::max(pause, retry_after.value_or(pause));
}

}  // namespace

std::chrono::nanoseconds pause_after(int failures, std::optional<std::chrono::nanoseconds> retry_after) {
  return at_least(std::min(10, failures) + random_fraction(), retry_after);
}

std::chrono::nanoseconds pause_after_conflict(int conflicts_before,
                                              std::optional<std::chrono::nanoseconds> retry_after) {
  constexpr double longest = 2;
  auto const least = std::min(0.1 * std::pow(1.5, conflicts_before), longest / 1.5);
  return at_least(least * (1 + random_fraction() / 2), retry_after);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
