#pragma once

#include <string>
#include <utility>

#include <lakebase/observer.hpp>

#include "base/redaction.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Writes to the program's log sink: drops records below its level and hides secrets in the rest.
class Logger {
 public:
  Logger() = default;
  Logger(LogSink sink, LogLevel least, Secrets secrets)
      : sink_(std::move(sink)), least_(least), secrets_(std::move(secrets)) {}

  bool wants(LogLevel level) const noexcept { return sink_ && level >= least_; }

  void write(LogLevel level, std::string const& message) const noexcept {
    if (!wants(level)) return;
    try {
      auto const line = one_line(secrets_.hide(scrub(message)));
      sink_({level, line});
    } catch (...) {  // a broken log must not break calls
    }
  }

  Secrets const& secrets() const noexcept { return secrets_; }

 private:
  LogSink sink_{};
  LogLevel least_ = LogLevel::warning;
  Secrets secrets_{};
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
