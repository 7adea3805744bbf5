#include "call/rate_limiter.hpp"

#include <algorithm>

namespace lakebase {
inline namespace v0 {
namespace detail {

bool RateLimiter::wait(Time deadline, std::stop_token const& stop) {
  if (rate_ <= 0) return true;
  // The generic cell rate algorithm: a bucket of tokens without counting any.
  auto const interval = std::chrono::steady_clock::duration{std::chrono::seconds{1}} / rate_;
  auto& here = state_.get([](State const*) { return std::make_unique<State>(); });
  Time turn;
  {
    std::lock_guard const lock{here.mutex};
    auto const now = clock_->now();
    auto const next = std::max(here.next, now);
    turn = next - interval * (rate_ - 1);
    if (turn > deadline) return false;
    here.next = next + interval;
    if (turn <= now) return true;
  }
  return clock_->sleep_until(turn, stop);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
