#include <utility>

#include <fmt/format.h>

#include <lakebase/events.hpp>

#include "base/redaction.hpp"

namespace lakebase {
inline namespace v0 {

namespace {

bool needs_quotes(std::string_view value) {
  return value.find_first_of(" \t\r\n\"=") != std::string_view::npos;
}

void append_value(std::string& line, std::string_view value) {
  if (!needs_quotes(value)) {
    line += value;
    return;
  }
  line += '"';
  for (char const c : value) {
    if (c == '"' || c == '\\') line += '\\';
    line += c;
  }
  line += '"';
}

class TextObserver final : public EventObserver {
 public:
  explicit TextObserver(TextObserverOptions options) : options_(std::move(options)) {
    if (!options_.log) options_.log = log_to_stderr();
  }

  bool wants_query_text() const noexcept override { return options_.query_text; }

  void ended(Event const& event, Context /*context*/) override {
    bool const failed = !event.error_type.empty();
    if (!failed && event.duration < options_.least_duration) return;
    auto line = fmt::format("{} {:.3f} ms", to_string(event.kind),
                            std::chrono::duration<double, std::milli>(event.duration).count());
    for (auto const& [name, text, number] : attributes_of(event)) {
      line.append(" ").append(name).append("=");
      number ? static_cast<void>(line += fmt::format("{}", *number)) : append_value(line, text);
    }
    if (event.will_retry) line += " (retried)";
    auto const shown = detail::one_line(line);
    options_.log({failed ? LogLevel::warning : LogLevel::info, shown});
  }

 private:
  TextObserverOptions options_;
};

}  // namespace

std::shared_ptr<EventObserver> make_text_observer(TextObserverOptions options) {
  return std::make_shared<TextObserver>(std::move(options));
}

}  // namespace v0
}  // namespace lakebase
