#pragma once

#include <chrono>

#include <lakebase/export.hpp>

#include "base/random.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The random part of a pause, so that callers do not come back in step: the pause lies between `least` and `most`
/// times its step, plus up to `extra`.
struct Jitter {
  double least = 1;
  double most = 1;
  std::chrono::nanoseconds extra{};
};

/// Pauses that grow from one failure to the next: the n-th step is `first` times `factor` to the power of n - 1, plus n
/// - 1 times `increment`.
struct BackoffRules {
  std::chrono::nanoseconds first{};
  double factor = 1;
  std::chrono::nanoseconds increment{};
  /// The longest step.
  std::chrono::nanoseconds longest = std::chrono::nanoseconds::max();
  Jitter jitter{};
};

/// A step with its random part. `chance` lies in [0, 1).
LAKEBASE_EXPORT std::chrono::nanoseconds with_jitter(std::chrono::nanoseconds step, Jitter const& jitter,
                                                     double chance = random_fraction()) noexcept;

/// The pause after the n-th failure, from 1; never less than `at_least`, which the service has requested. Steps grow up
/// to the 21st.
LAKEBASE_EXPORT std::chrono::nanoseconds backoff(BackoffRules const& rules, int failures,
                                                 std::chrono::nanoseconds at_least = {},
                                                 double chance = random_fraction()) noexcept;

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
