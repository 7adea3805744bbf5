#pragma once

#include <algorithm>
#include <chrono>
#include <mutex>
#include <stop_token>
#include <vector>

#include <lakebase/clock.hpp>

namespace lakebase {
inline namespace v0 {
namespace testing {

/// A clock that stands still until it is advanced. A sleep takes no time: it moves the clock to its end, so that code
/// with pauses runs at full speed, and `sleeps()` tells what the pauses were.
///
/// Thread safety: safe to use from several threads at once.
/// Exceptions: none but std::bad_alloc.
/// Lifetime: keep a std::shared_ptr to it, for the client and for the test.
class FakeClock final : public Clock {
 public:
  /// Starts at 2026-01-01T00:00:00Z.
  FakeClock() = default;

  /// The fake time.
  [[nodiscard]] std::chrono::steady_clock::time_point now() const override {
    std::lock_guard const lock{mutex_};
    return std::chrono::steady_clock::time_point{passed_};
  }

  /// The fake time, as a date.
  [[nodiscard]] std::chrono::system_clock::time_point system_now() const override {
    std::lock_guard const lock{mutex_};
    auto const left = (std::chrono::system_clock::time_point::max)() - start();  // where the date ends
    return start() + (std::min)(left, std::chrono::duration_cast<std::chrono::system_clock::duration>(passed_));
  }

  /// Moves the fake time on instead of sleeping.
  bool sleep_until(std::chrono::steady_clock::time_point deadline, std::stop_token stop) override {
    if (stop.stop_requested()) return false;
    std::lock_guard const lock{mutex_};
    if (deadline.time_since_epoch() > passed_) {
      sleeps_.push_back(deadline.time_since_epoch() - passed_);
      passed_ = deadline.time_since_epoch();
    }
    return true;
  }

  /// Lets time pass.
  void advance(std::chrono::nanoseconds span) {
    std::lock_guard const lock{mutex_};
    auto const step = std::chrono::duration_cast<std::chrono::steady_clock::duration>(span);
    passed_ += (std::min)(step, (std::chrono::steady_clock::duration::max)() - passed_);
  }

  /// The pauses so far, in order.
  [[nodiscard]] std::vector<std::chrono::nanoseconds> sleeps() const {
    std::lock_guard const lock{mutex_};
    return {sleeps_.begin(), sleeps_.end()};
  }

 private:
  static std::chrono::system_clock::time_point start() {
    using namespace std::chrono;
    return sys_days{year{2026} / January / 1};
  }

  mutable std::mutex mutex_;
  std::chrono::steady_clock::duration passed_{std::chrono::hours{1}};
  std::vector<std::chrono::steady_clock::duration> sleeps_;
};

}  // namespace testing
}  // namespace v0
}  // namespace lakebase
