#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>

#include <lakebase/clock.hpp>

#include "base/per_process.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Lets at most `per_second` calls a second through, on average, and as many at once. 0: no limit.
class RateLimiter {
 public:
  RateLimiter(std::int64_t per_second, std::shared_ptr<Clock> clock) : rate_(per_second), clock_(std::move(clock)) {}

  /// Waits for a turn. False if it does not come before `deadline`, or if `stop` was requested.
  bool wait(std::chrono::steady_clock::time_point deadline, std::stop_token const& stop);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct State {
    std::mutex mutex;
    Time next{};  // when the bucket of `rate_` tokens would have been full, were it a queue of single turns
  };

  std::int64_t const rate_;
  std::shared_ptr<Clock> const clock_;
  PerProcess<State> state_;
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
