#pragma once

#include <chrono>

#include <lakebase/export.hpp>

#include "base/random.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Which part of a pause is chance, so that callers do not come back in step: it lies between `least` and `most` times
/// its step, and up to `extra` above that.
struct Jitter {
  double least = 1;
  double most = 1;
  std::chrono::nanoseconds extra{};
};

/// Pauses that grow from one failure to the next: the first step, and for each later one `factor` times that, and
/// `increment` more.
struct BackoffRules {
  std::chrono::nanoseconds first{};
  double factor = 1;
  std::chrono::nanoseconds increment{};
  /// No step is longer.
  std::chrono::nanoseconds longest = std::chrono::nanoseconds::max();
  Jitter jitter{};
};

/// A step with its part of chance. `chance` lies in [0, 1).
LAKEBASE_EXPORT std::chrono::nanoseconds with_jitter(std::chrono::nanoseconds step, Jitter const& jitter,
                                                     double chance = random_fraction()) noexcept;

/// The pause after the n-th failure, from 1, and never less than `at_least`: what the service asks for. Steps grow up
/// to the 21st.
LAKEBASE_EXPORT std::chrono::nanoseconds backoff(BackoffRules const& rules, int failures,
                                                 std::chrono::nanoseconds at_least = {},
                                                 double chance = random_fraction()) noexcept;

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
