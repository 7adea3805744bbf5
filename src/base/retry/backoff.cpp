#include "base/retry/backoff.hpp"

#include <algorithm>
#include <cmath>

#include "base/after.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using std::chrono::nanoseconds;

constexpr int most_growth = 20;

nanoseconds step_of(BackoffRules const& rules, int failures) noexcept {
  auto const growth = std::clamp(failures - 1, 0, most_growth);
  auto const grown = times(std::pow(rules.factor, growth), rules.first);
  return std::min(rules.longest, grown + growth * rules.increment);
}

}  // namespace

nanoseconds with_jitter(nanoseconds step, Jitter const& jitter, double chance) noexcept {
  auto const part = jitter.least + (jitter.most - jitter.least) * chance;
  return times(part, step) + times(chance, jitter.extra);
}

nanoseconds backoff(BackoffRules const& rules, int failures, nanoseconds at_least, double chance) noexcept {
  return std::max(with_jitter(step_of(rules, failures), rules.jitter, chance), at_least);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
