#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <utility>

#include <lakebase/clock.hpp>

#include "base/after.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The limits of a loop of attempts; none by default.
struct RetryLimits {
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::optional<int> max_attempts{};
  std::stop_token stop{};
};

/// Makes attempts until one succeeds or no further one makes sense. It counts them, keeps the limits, and pauses; what
/// an attempt does, and the verdict on a failed one, are the `steps` of `run`.
class RetryLoop {
 public:
  /// The clock must outlive it.
  RetryLoop(lakebase::Clock& clock, RetryLimits limits)
      : clock_(clock), limits_(std::move(limits)), start_(clock.now()) {}

  /// `steps` has
  /// - `check()`: throws if no attempt may begin, because the time is over or the caller has stopped it;
  /// - `attempt()`: an optional with the result, or none if it failed;
  /// - `next_pause()`: the verdict: the pause before the next attempt, or none if there is to be no other;
  /// - `give_up()`: returns a result after all, or throws;
  /// - `throw_stopped()`: throws, because the caller stopped a pause.
  template <class Steps>
  auto run(Steps& steps) {
    for (;;) {
      steps.check();
      ++attempts_;
      if (auto result = steps.attempt()) return *std::move(result);
      auto const pause = steps.next_pause();
      if (!pause) return steps.give_up();
      if (!sleep(*pause)) steps.throw_stopped();
    }
  }

  /// How many attempts have begun.
  int attempts() const noexcept { return attempts_; }
  bool is_stopped() const noexcept { return limits_.stop.stop_requested(); }
  std::chrono::steady_clock::time_point deadline() const noexcept { return limits_.deadline; }
  std::chrono::nanoseconds elapsed() const { return clock_.now() - start_; }
  std::chrono::nanoseconds left() const { return time_left(clock_.now(), limits_.deadline); }

  /// The pause, if another attempt after it stays within the limits. An attempt at the end of the time would only hide
  /// why the last one failed.
  std::optional<std::chrono::nanoseconds> fitting(std::chrono::nanoseconds pause) const {
    if (limits_.max_attempts && attempts_ >= *limits_.max_attempts) return std::nullopt;
    if (pause >= left()) return std::nullopt;
    return pause;
  }

 private:
  // False if the caller stopped it.
  bool sleep(std::chrono::nanoseconds pause) const {
    if (is_stopped()) return false;
    if (pause <= std::chrono::nanoseconds{0}) return true;
    return clock_.sleep_until(after(clock_.now(), pause), limits_.stop);
  }

  lakebase::Clock& clock_;
  RetryLimits const limits_;
  std::chrono::steady_clock::time_point const start_;
  int attempts_ = 0;
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
