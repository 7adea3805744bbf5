#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {

/// How much a log line matters.
enum class LogLevel { debug, info, warning, error };

/// One line of the log, without a line end. Secrets are already replaced. Valid during the call only.
struct LogRecord {
  /// How much it matters.
  LogLevel level = LogLevel::debug;
  /// The line.
  std::string_view message{};
};

/// Receives log lines. Called from any thread, sometimes from several at once, with no lock held. What it throws is
/// dropped.
using LogSink = std::function<void(LogRecord const&)>;

/// Writes each line to standard error, with the time (UTC), `lakebase` and the level before it, by one write: for
/// `Config::log`. Safe in any thread. The variable LAKEBASE_LOG does the same without code.
[[nodiscard]] LAKEBASE_EXPORT LogSink log_to_stderr();

/// One attempt of a call, reported when it has ended. Valid during the observer's call only.
struct CallAttempt {
  /// HTTP method.
  std::string_view method{};
  /// Without host and query.
  std::string_view path{};
  /// 0 if no response came.
  int status = 0;
  /// From 1.
  int attempt = 1;
  /// Of this attempt, without the pause before it.
  std::chrono::nanoseconds duration{};
  /// Of the response; may be empty.
  std::string_view request_id{};
  /// Why no response came, e.g. the fault, or that there were no credentials; empty if one did.
  std::string_view error{};
  /// Whether another attempt follows.
  bool will_retry = false;
};

/// Receives each attempt of each call, for metrics and traces; also one that is stopped, or that fails before it is
/// sent. Called in the thread of the call, with no lock held. What it throws is dropped.
using CallObserver = std::function<void(CallAttempt const&)>;

}  // namespace v0
}  // namespace lakebase
