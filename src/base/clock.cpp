#include <lakebase/clock.hpp>

#include <ctime>

#include <condition_variable>
#include <mutex>

#include "base/after.hpp"

namespace lakebase {
inline namespace v0 {

namespace {

class SystemClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point now() const override { return std::chrono::steady_clock::now(); }
  std::chrono::system_clock::time_point system_now() const override { return std::chrono::system_clock::now(); }

#if defined(CLOCK_REALTIME_COARSE)
  // The time of the kernel's last tick costs a fifth of the exact time. It includes the time that the machine slept.
  Times times() const override {
    std::timespec date{};
    if (::clock_gettime(CLOCK_REALTIME_COARSE, &date) != 0) return Clock::times();
    auto const since_epoch = std::chrono::seconds{date.tv_sec} + std::chrono::nanoseconds{date.tv_nsec};
    return {now(), std::chrono::system_clock::time_point{
                       std::chrono::duration_cast<std::chrono::system_clock::duration>(since_epoch)}};
  }
#endif

  bool sleep_until(std::chrono::steady_clock::time_point deadline, std::stop_token stop) override {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock{mutex};
    while (!stop.stop_requested()) {
      auto const left = detail::time_left(now(), deadline);
      if (left == std::chrono::nanoseconds::zero()) return true;
      stopped.wait_for(lock, stop, left, [] { return false; });
    }
    return false;
  }
};

}  // namespace

std::shared_ptr<Clock> make_system_clock() {
  return std::make_shared<SystemClock>();
}

}  // namespace v0
}  // namespace lakebase
