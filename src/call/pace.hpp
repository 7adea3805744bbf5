#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include <lakebase/call_options.hpp>
#include <lakebase/clock.hpp>
#include <lakebase/config.hpp>
#include <lakebase/wait_options.hpp>

#include "base/retry/retry_loop.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// `own`, with what it leaves unset taken from `defaults`.
WaitOptions merged(WaitOptions own, WaitOptions const& defaults);

/// The options of one poll of a wait: `options` are those of the client's calls. The poll is stopped with the wait and
/// ends by the time that is left of it, but has no longer than any other call.
CallOptions options_of_poll(CallOptions options, Config const& config, std::optional<std::chrono::nanoseconds> left,
                            std::stop_token stop);

/// The loop of one wait for an operation, and its pauses. The first attempt looks at what is known already. A pause is
/// a fifth of the time that the wait has taken, bounded as WaitOptions says, so that the end is seen with a delay in
/// proportion to the length. Both arguments must outlive it.
class Pace {
 public:
  Pace(Clock& clock, WaitOptions const& options);

  RetryLoop& loop() noexcept { return loop_; }
  RetryLoop const& loop() const noexcept { return loop_; }

  std::chrono::nanoseconds elapsed() const { return loop_.elapsed(); }
  /// None if the wait has no end.
  std::optional<std::chrono::nanoseconds> left() const;
  bool is_over() const;

  /// The pause before the next attempt, up to the end of the wait. The first one never takes all the time there is, so
  /// that the service is polled at least once.
  std::chrono::nanoseconds next_pause() const;

 private:
  std::chrono::nanoseconds usual_pause() const;

  WaitOptions const& options_;
  RetryLoop loop_;
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
