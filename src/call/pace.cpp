#include "call/pace.hpp"

#include <algorithm>
#include <utility>

#include "base/after.hpp"
#include "base/retry/backoff.hpp"
#include "call/session.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr nanoseconds usual_first_pause = 50ms;

// 2 s in the first minute, then a tenth of the further time more, up to 10 s.
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

CallOptions options_of_poll(CallOptions options, Config const& config, std::optional<nanoseconds> left,
                            std::stop_token stop) {
  if (left && *left < options.timeout.value_or(call_budget(config))) options.timeout = left;
  if (stop.stop_possible()) options.stop = std::move(stop);
  return options;
}

Pace::Pace(Clock& clock, WaitOptions const& options)
    : options_(options),
      loop_(clock,
            {.deadline = after(clock.now(), options.timeout.value_or(nanoseconds::max())), .stop = options.stop}) {}

std::optional<nanoseconds> Pace::left() const {
  if (!options_.timeout) return std::nullopt;
  return loop_.left();
}

bool Pace::is_over() const {
  return left() == nanoseconds{0};
}

// Later pauses are up to a fifth shorter, so that many waiters do not poll in step.
nanoseconds Pace::usual_pause() const {
  auto const shortest = std::max(options_.poll_interval.value_or(usual_first_pause), nanoseconds{1});
  if (loop_.attempts() == 1) return shortest;
  auto const spent = elapsed();
  auto const pause = std::max(shortest, std::min(spent / 5, longest_pause(spent)));
  return with_jitter(pause, {.least = 0.8});
}

nanoseconds Pace::next_pause() const {
  auto const pause = usual_pause();
  auto const rest = left();
  if (!rest || pause < *rest) return pause;
  return loop_.attempts() == 1 ? *rest / 2 : *rest;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
