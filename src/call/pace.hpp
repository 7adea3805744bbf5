#pragma once

#include <chrono>
#include <optional>

#include <lakebase/clock.hpp>
#include <lakebase/wait_options.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// `own`, and what it leaves open as in `defaults`.
WaitOptions merged(WaitOptions own, WaitOptions const& defaults);

/// The pauses of one wait, and when it ends. A pause is a fifth of the time that the wait has taken, so that whatever
/// takes a while is seen soon after, for its length; bounded as WaitOptions says. Both arguments must outlive it.
class Pace {
 public:
  Pace(Clock& clock, WaitOptions const& options);

  std::chrono::nanoseconds elapsed() const { return clock_.now() - start_; }
  /// None where the wait has no end.
  std::optional<std::chrono::nanoseconds> left() const;
  bool is_over() const;

  /// False where the caller stopped the wait. The first pause never takes all the time there is, so that the service is
  /// polled at least once.
  bool sleep();

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  std::chrono::nanoseconds next_pause() const;

  Clock& clock_;
  WaitOptions const& options_;
  SteadyTime const start_;
  SteadyTime const end_;
  bool is_first_ = true;
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
