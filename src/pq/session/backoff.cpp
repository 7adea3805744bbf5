#include "pq/session/backoff.hpp"

#include "base/retry/backoff.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

std::chrono::nanoseconds next_pause(Backoff const& growing, int failures, std::chrono::nanoseconds at_least) {
  // Much of a pause is random, but none is close to zero: polling a server in a loop does not help it to start.
  lakebase::detail::BackoffRules const rules{
      .first = growing.first, .factor = 2, .longest = growing.longest, .jitter = {.least = 0.25}};
  return lakebase::detail::backoff(rules, failures, at_least);
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
