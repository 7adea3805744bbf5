#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>

#include <lakebase/json.hpp>

namespace lakebase {
inline namespace v0 {

/// What `WaitOptions::on_poll` receives.
struct OperationProgress {
  /// Name of the operation.
  std::string_view name;
  /// How often the service has been polled during this wait, from 1.
  int polls = 0;
  /// Since the wait began.
  std::chrono::nanoseconds elapsed{};
  /// Whether it has ended.
  bool done = false;
  /// What the service last reported about the operation, as of the last poll that succeeded; `from_json` reads it as
  /// the operation's metadata type. Its text is empty if the service reported nothing.
  JsonText metadata{};
};

/// How to wait for an operation. What is unset here comes from `Config::wait`, and then from the defaults below.
struct WaitOptions {
  /// Gives up after this long with OperationTimeout; the operation continues. Default: no timeout;
  /// `std::chrono::nanoseconds::max()` means that too, if `Config::wait` has a limit.
  std::optional<std::chrono::nanoseconds> timeout{};
  /// The first pause, and the shortest. Default: 50 ms. Later pauses grow with the time that the wait has taken, to a
  /// fifth of it, but to no more than 2 s in the first minute and 10 s later; with jitter.
  std::optional<std::chrono::nanoseconds> poll_interval{};
  /// Ends the wait at once with Cancelled; the operation continues.
  std::stop_token stop{};
  /// Called after each poll, in the waiting thread. What it throws ends the wait, which throws it on; the operation
  /// continues.
  std::function<void(OperationProgress const&)> on_poll{};
};

}  // namespace v0
}  // namespace lakebase
