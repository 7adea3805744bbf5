#include "http/retry.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/ascii.hpp"
#include "base/retry/backoff.hpp"
#include "http/error_mapping.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using Kind = TransportError::Kind;

// Texts of transient failures of the service, whatever the status. The request may have been acted on.
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

// The service rejected the request before it did anything.
constexpr std::array turned_away{"RPC token bucket limit has been exceeded", "REQUEST_LIMIT_EXCEEDED"};

template <class Texts>
bool says_one_of(ErrorFacts const& facts, Texts const& texts) {
  return std::any_of(texts.begin(), texts.end(), [&](std::string_view text) {
    return facts.message.find(text) != std::string::npos || facts.error_code == text;
  });
}

Verdict judge_response(ErrorFacts const& facts, RetryRules const& rules) {
  if (rules.retries_conflicts && is_passing_conflict(facts)) return Verdict::retry_conflict;
  if (facts.http_status == 429 || facts.http_status == 503) return Verdict::retry;
  if (says_one_of(facts, turned_away)) return Verdict::retry;
  if (!rules.is_safe) return Verdict::give_up;
  if (is_passing_status(facts.http_status)) return Verdict::retry;
  return says_one_of(facts, passing_troubles) ? Verdict::retry : Verdict::give_up;
}

}  // namespace

bool is_passing_status(int status) noexcept {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

Verdict judge_fault(Kind kind) noexcept {
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

Verdict judge(Failure const& failure, RetryRules const& rules) {
  if (!failure.fault) return judge_response(failure.facts, rules);
  if (failure.maybe_sent && !rules.is_safe && !rules.retries_unsafe) return Verdict::give_up;
  return judge_fault(*failure.fault);
}

Verdict judge_rows(Failure const& failure, RetryRules const& rules) {
  if (failure.fault) return judge(failure, rules);
  auto const status = failure.facts.http_status;
  auto const& code = failure.facts.error_code;
  bool const had_no_session = (status == 503 && (code == "PGRST000" || code == "PGRST001" || code == "PGRST002")) ||
                              (status == 504 && code == "PGRST003");
  if (status == 429 || had_no_session) return Verdict::retry;
  if (!rules.is_safe) return Verdict::give_up;
  bool const was_undone = status == 500 && (code == "40001" || code == "40P01" || code == "57P01");
  return was_undone || status == 408 || status == 425 || is_passing_status(status) ? Verdict::retry : Verdict::give_up;
}

std::chrono::nanoseconds pause_after(int failures, std::optional<std::chrono::nanoseconds> retry_after) {
  static constexpr BackoffRules rules{.first = 1s, .increment = 1s, .longest = 10s, .jitter = {.extra = 1s}};
  return backoff(rules, failures, retry_after.value_or(0s));
}

std::chrono::nanoseconds pause_after_conflict(int conflicts_before,
                                              std::optional<std::chrono::nanoseconds> retry_after) {
  static constexpr BackoffRules rules{
      .first = 100ms, .factor = 1.5, .longest = nanoseconds{2s} * 2 / 3, .jitter = {.most = 1.5}};
  return backoff(rules, conflicts_before + 1, retry_after.value_or(0s));
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
