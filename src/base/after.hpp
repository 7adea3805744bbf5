#pragma once

#include <chrono>

// Sums of a time and a span that a caller has chosen. A caller's span can be any: `nanoseconds::max()` means for ever,
// and nothing here overflows on it.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// `span` after `moment`. What the clock cannot hold is the clock's own end: `max()`, for a span below zero `min()`.
template <class Clock, class Duration>
[[nodiscard]] constexpr std::chrono::time_point<Clock, Duration> after(std::chrono::time_point<Clock, Duration> moment,
                                                                       std::chrono::nanoseconds span) noexcept {
  using Moment = std::chrono::time_point<Clock, Duration>;
  auto const step = std::chrono::duration_cast<Duration>(span);
  if (step > Duration::zero() && moment > Moment::max() - step) return Moment::max();
  if (step < Duration::zero() && moment < Moment::min() - step) return Moment::min();
  return moment + step;
}

/// The longest that anything waits before it looks at its clock again. Any clock can hold it beside its own time, so
/// that the wait functions of the standard library, which add without a look, can be given it.
inline constexpr std::chrono::nanoseconds longest_single_wait = std::chrono::hours{24 * 365};

/// How long to wait from `now` until `end`: zero where that has passed, and `longest_single_wait` at most.
template <class Clock, class Duration>
[[nodiscard]] constexpr std::chrono::nanoseconds time_left(std::chrono::time_point<Clock, Duration> now,
                                                           std::chrono::time_point<Clock, Duration> end) noexcept {
  if (end <= now) return std::chrono::nanoseconds::zero();
  if (end >= after(now, longest_single_wait)) return longest_single_wait;
  return end - now;
}

/// `factor` times a span, at most what a span can hold and at least zero.
[[nodiscard]] inline std::chrono::nanoseconds times(double factor, std::chrono::nanoseconds span) noexcept {
  using Count = std::chrono::nanoseconds::rep;
  auto const product = factor * static_cast<double>(span.count());
  if (!(product > 0)) return std::chrono::nanoseconds::zero();
  // The greatest count is no double: what is not below its neighbour is too much.
  if (product >= static_cast<double>(std::chrono::nanoseconds::max().count())) return std::chrono::nanoseconds::max();
  return std::chrono::nanoseconds{static_cast<Count>(product)};
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
