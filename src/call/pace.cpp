#include "call/pace.hpp"

#include <algorithm>

#include "base/after.hpp"
#include "base/retry/backoff.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr nanoseconds usual_first_pause = 50ms;

// 2 s in the first minute; then more by a tenth of what is over, to 10 s.
nanoseconds longest_pause(nanoseconds elapsed) {
  return std::clamp<nanoseconds>(2s + (elapsed - 1min) / 10, 2s, 10s);
}

}  // namespace

WaitOptions merged(WaitOptions own, WaitOptions const& defaults) {
  if (!own.timeout) own.timeout = defaults.timeout;
  if (!own.poll_interval) own.poll_interval = defaults.poll_interval;
  if (!own.stop.stop_possible()) own.stop = defaults.stop;
  if (!own.on_poll) own.on_poll = defaults.on_poll;
  return own;
}

Pace::Pace(Clock& clock, WaitOptions const& options)
    : clock_(clock),
      options_(options),
      start_(clock.now()),
      end_(after(start_, options.timeout.value_or(nanoseconds::max()))) {}

std::optional<nanoseconds> Pace::left() const {
  if (!options_.timeout) return std::nullopt;
  return time_left(clock_.now(), end_);
}

bool Pace::is_over() const {
  return options_.timeout && clock_.now() >= end_;
}

// Later pauses are up to a fifth shorter, so that many waiters do not poll in step.
nanoseconds Pace::next_pause() const {
  auto const shortest = std::max(options_.poll_interval.value_or(usual_first_pause), nanoseconds{1});
  if (is_first_) return shortest;
  auto const spent = elapsed();
  auto const pause = std::max(shortest, std::min(spent / 5, longest_pause(spent)));
  return with_jitter(pause, {.least = 0.8});
}

bool Pace::sleep() {
  auto pause = next_pause();
  if (auto const rest = left(); rest && pause >= *rest) pause = is_first_ ? *rest / 2 : *rest;
  is_first_ = false;
  return clock_.sleep_until(after(clock_.now(), pause), options_.stop);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
