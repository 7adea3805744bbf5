#include "pq/session/backoff.hpp"

#include <algorithm>
#include <random>

#include "base/after.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

using lakebase::detail::times;

std::chrono::nanoseconds next_pause(Backoff const& backoff, int failures, std::chrono::nanoseconds at_least) {
  auto const doublings = std::clamp(failures - 1, 0, 20);
  auto const step = std::min(backoff.longest, times(1 << doublings, backoff.first));
  thread_local std::minstd_rand random{std::random_device{}()};
  // Full jitter, but no pause of next to nothing: a server that starts is not helped by being asked in a loop.
  std::uniform_real_distribution<double> part{0.25, 1.0};
  return std::max(times(part(random), step), at_least);
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
