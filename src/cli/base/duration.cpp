#include "cli/base/duration.hpp"

#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "cli/base/failure.hpp"

namespace lakebase::cli {
namespace {

struct Unit {
  std::string_view name;
  double nanoseconds;
};

// Longer names before those that they begin with.
constexpr std::array units = {Unit{"ns", 1},   Unit{"us", 1e3},   Unit{"ms", 1e6},    Unit{"s", 1e9},
                              Unit{"m", 60e9}, Unit{"h", 3600e9}, Unit{"d", 86400e9}, Unit{"w", 7 * 86400e9}};
constexpr double most = 9.2e18;  // of nanoseconds in 64 bits

[[noreturn]] void refuse(std::string_view text, std::string_view flag) {
  throw Failure{fmt::format("{}: '{}' is no duration; write one as 900s, 1h30m or 7d", flag, text)};
}

/// Digits, with a fraction if there is a point. Not from_chars, which reads no fractions with every library.
std::optional<double> take_number(std::string_view& text) {
  double number = 0;
  double place = 0;
  std::size_t digits = 0;
  for (; !text.empty(); text.remove_prefix(1)) {
    char const letter = text.front();
    if (letter == '.' && place == 0) {
      place = 1;
    } else if (letter >= '0' && letter <= '9') {
      ++digits;
      if (place == 0) {
        number = number * 10 + (letter - '0');
      } else {
        place /= 10;
        number += place * (letter - '0');
      }
    } else {
      break;
    }
  }
  return digits == 0 ? std::nullopt : std::optional{number};
}

}  // namespace

std::chrono::nanoseconds parse_duration(std::string_view text, std::string_view flag) {
  if (text == "0") return {};
  double sum = 0;
  auto rest = text;
  if (rest.empty()) refuse(text, flag);
  while (!rest.empty()) {
    auto const number = take_number(rest);
    if (!number) refuse(text, flag);
    Unit const* unit = nullptr;
    for (auto const& each : units) {
      if (rest.starts_with(each.name)) {
        unit = &each;
        break;
      }
    }
    if (unit == nullptr) refuse(text, flag);
    rest.remove_prefix(unit->name.size());
    sum += *number * unit->nanoseconds;
    if (sum > most) refuse(text, flag);
  }
  return std::chrono::nanoseconds{std::llround(sum)};
}

std::string elapsed_text(std::chrono::nanoseconds span) {
  auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(span).count();
  return seconds < 60 ? fmt::format("{} s", seconds) : fmt::format("{} min {} s", seconds / 60, seconds % 60);
}

}  // namespace lakebase::cli
