#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

// Arithmetic on a time and a span that a caller has chosen. The span may be anything: `nanoseconds::max()` means for
// ever, and nothing here overflows on it.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// `moment + span`, clamped to what the clock can hold: `max()`, or `min()` for a negative span.
template <class Clock, class Duration>
[[nodiscard]] constexpr std::chrono::time_point<Clock, Duration> after(std::chrono::time_point<Clock, Duration> moment,
                                                                       std::chrono::nanoseconds span) noexcept {
  using Moment = std::chrono::time_point<Clock, Duration>;
  auto const step = std::chrono::duration_cast<Duration>(span);
  if (step > Duration::zero() && moment > Moment::max() - step) return Moment::max();
  if (step < Duration::zero() && moment < Moment::min() - step) return Moment::min();
  return moment + step;
}

/// The longest single wait, after which the clock is read again. Any clock can hold it on top of its own time, so it is
/// safe for the wait functions of the standard library, which add it unchecked.
inline constexpr std::chrono::nanoseconds longest_single_wait = std::chrono::hours{24 * 365};

/// How long to wait from `now` until `end`: zero if that has passed, and `longest_single_wait` at most.
template <class Clock, class Duration>
[[nodiscard]] constexpr std::chrono::nanoseconds time_left(std::chrono::time_point<Clock, Duration> now,
                                                           std::chrono::time_point<Clock, Duration> end) noexcept {
  if (end <= now) return std::chrono::nanoseconds::zero();
  if (end >= after(now, longest_single_wait)) return longest_single_wait;
  return end - now;
}

/// `factor` times a span, at least zero and at most what a span can hold.
[[nodiscard]] inline std::chrono::nanoseconds times(double factor, std::chrono::nanoseconds span) noexcept {
  using Count = std::chrono::nanoseconds::rep;
  auto const product = factor * static_cast<double>(span.count());
  if (!(product > 0)) return std::chrono::nanoseconds::zero();
  // The largest count is not a double, and converts to the next one above it.
  if (product >= static_cast<double>(std::chrono::nanoseconds::max().count())) return std::chrono::nanoseconds::max();
  return std::chrono::nanoseconds{static_cast<Count>(product)};
}

/// A time in seconds since 1970, clamped to the range of the clock.
[[nodiscard]] inline std::chrono::system_clock::time_point time_from_epoch(double seconds) {
  constexpr double most = 9e9;  // the year 2255
  auto const whole = static_cast<std::int64_t>(std::clamp(seconds, 0.0, most));
  return std::chrono::system_clock::time_point{} + std::chrono::seconds{whole};
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
