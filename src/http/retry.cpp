#include "http/retry.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <string_view>

#include "http/ascii.hpp"
#include "http/error_mapping.hpp"

namespace lakebase::inline v0::detail {

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

Verdict judge_answer(ErrorFacts const& facts, bool is_safe) {
  if (facts.http_status == 429 || facts.http_status == 503) return Verdict::retry;
  if (says_one_of(facts, turned_away)) return Verdict::retry;
  if (!is_safe) return Verdict::give_up;
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

Verdict judge(Failure const& failure, bool is_safe, bool retry_unsafe_transport_errors) {
  if (!failure.fault) return judge_answer(failure.facts, is_safe);
  if (failure.maybe_sent && !is_safe && !retry_unsafe_transport_errors) return Verdict::give_up;
  return judge_fault(*failure.fault);
}

double random_fraction() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_real_distribution<double>{0.0, 1.0}(random);
}

std::chrono::nanoseconds pause_after(int failures, std::optional<std::chrono::nanoseconds> retry_after) {
  auto const seconds = std::min(10, failures) + random_fraction();
  std::chrono::nanoseconds const pause{static_cast<std::int64_t>(seconds * 1e9)};
  return std::max(pause, retry_after.value_or(pause));
}

}  // namespace lakebase::inline v0::detail
