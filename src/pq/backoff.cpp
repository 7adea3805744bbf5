#include "pq/backoff.hpp"

#include <algorithm>
#include <random>

namespace lakebase::inline v0::pq::detail {

std::chrono::nanoseconds next_pause(Backoff const& backoff, int failures, std::chrono::nanoseconds at_least) {
  auto const doublings = std::clamp(failures - 1, 0, 20);
  auto const step = std::min(backoff.longest, backoff.first * (1 << doublings));
  thread_local std::minstd_rand random{std::random_device{}()};
  // Full jitter, but no pause of next to nothing: a server that starts is not helped by being asked in a loop.
  std::uniform_real_distribution<double> part{0.25, 1.0};
  auto const pause =
      std::chrono::nanoseconds{static_cast<std::int64_t>(part(random) * static_cast<double>(step.count()))};
  return std::max(pause, at_least);
}

}  // namespace lakebase::inline v0::pq::detail
