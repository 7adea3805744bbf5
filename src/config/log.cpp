#include "config/log.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <lakebase/error.hpp>
#include <lakebase/time.hpp>

#include "base/redaction.hpp"

namespace lakebase {
inline namespace v0 {

namespace {

struct LevelWord {
  std::string_view word{};
  LogLevel level{};
};

constexpr std::array level_words{LevelWord{"error", LogLevel::error}, LevelWord{"warn", LogLevel::warning},
                                 LevelWord{"info", LogLevel::info}, LevelWord{"debug", LogLevel::debug}};

std::string_view word_of(LogLevel level) {
  for (auto const& [word, its_level] : level_words) {
    if (its_level == level) return word;
  }
  return "?";
}

LogLevel level_named(std::string_view word) {
  for (auto const& [known, level] : level_words) {
    if (known == word) return level;
  }
  throw ConfigError{ErrorFacts{.message = fmt::format("LAKEBASE_LOG is \"{}\", which is not a level",
                                                      detail::one_line(detail::shorten(word, 32))),
                               .hint = "Set the variable to error, warn, info or debug, or unset it."}};
}

// RFC 3339 with milliseconds, so that all lines align.
std::string timestamp() {
  using namespace std::chrono;
  auto const now = floor<milliseconds>(system_clock::now());
  auto const second = floor<seconds>(now);
  auto text = Timestamp{second}.to_string();
  text.pop_back();  // the Z
  return fmt::format("{}.{:03}Z", text, (now - second).count());
}

}  // namespace

// One call a line: standard error is not buffered, so that lines of several threads would mix otherwise.
LogSink log_to_stderr() {
  return [](LogRecord const& record) {
    auto const line = fmt::format("{} lakebase {:<5} {}\n", timestamp(), word_of(record.level), record.message);
    static_cast<void>(std::fwrite(line.data(), 1, line.size(), stderr));
  };
}

namespace detail {

void take_log(Config& config) {
  if (config.log) return;
  auto const word = config.environment("LAKEBASE_LOG").value_or("");
  if (word.empty()) return;
  config.log_level = level_named(word);
  config.log = log_to_stderr();
}

}  // namespace detail

}  // namespace v0
}  // namespace lakebase
