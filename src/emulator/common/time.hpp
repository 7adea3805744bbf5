#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lakebase::emulator {

using TimePoint = std::chrono::sys_time<std::chrono::nanoseconds>;
using Duration = std::chrono::nanoseconds;

/// Tells the time. Tests inject their own.
using Clock = std::function<TimePoint()>;

/// The machine's. Nothing but a `Timekeeper` and the log's stamps ask for it.
TimePoint system_time();

/// RFC 3339 in UTC with `Z`, and with as many digits of the fraction as needed (0, 3, 6 or 9).
std::string to_text(TimePoint time);
/// `"604800s"`, with a fraction if there is one.
std::string to_text(Duration duration);

/// None if the text is not RFC 3339, or outside of the years 1678 to 2261.
std::optional<TimePoint> parse_time(std::string_view text);
/// None if the text is not a decimal number of seconds followed by `s`.
std::optional<Duration> parse_duration(std::string_view text);

/// A duration as people write it: `90s`, `15m`, `36h`, `3d`, `2w`, one after the other (`1d12h`), or the API's form
/// (`259200s`, `0.5s`). None if the text is something else, or the sum is too large.
std::optional<Duration> parse_span(std::string_view text);

/// The time as the service stores it: in microseconds.
TimePoint rounded(TimePoint time);

}  // namespace lakebase::emulator
