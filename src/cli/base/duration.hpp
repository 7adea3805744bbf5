#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace lakebase::cli {

/// Reads `900s`, `1h30m`, `500ms`, `7d` or `3w`; numbers may have a fraction. `flag` is for the message.
/// @throws Failure
std::chrono::nanoseconds parse_duration(std::string_view text, std::string_view flag);

/// As people read it: `3 s`, `2 min 5 s`.
std::string elapsed_text(std::chrono::nanoseconds span);

}  // namespace lakebase::cli
