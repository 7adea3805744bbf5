#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include <lakebase/clock.hpp>

namespace lakebase::tests {

/// The machine's clock, but pauses take no time: they move the clock on. For tests in which real sockets and retries
/// meet.
class SkippingClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point now() const override { return std::chrono::steady_clock::now() + skipped(); }
  std::chrono::system_clock::time_point system_now() const override {
    return std::chrono::system_clock::now() + skipped();
  }
  bool sleep_until(std::chrono::steady_clock::time_point deadline, std::stop_token stop) override {
    if (stop.stop_requested()) return false;
    auto const pause = deadline - now();
    if (pause.count() > 0) skipped_ += pause.count();
    ++pauses_;
    return true;
  }
  void advance(std::chrono::nanoseconds span) { skipped_ += span.count(); }
  int pauses() const noexcept { return pauses_; }

 private:
  std::chrono::steady_clock::duration skipped() const { return std::chrono::steady_clock::duration{skipped_.load()}; }

  std::atomic<std::chrono::steady_clock::rep> skipped_{0};
  std::atomic<int> pauses_{0};
};

}  // namespace lakebase::tests
