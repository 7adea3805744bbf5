#include "data_api/serve/preferences.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/ascii.hpp"
#include "data_api/grammar/api_error.hpp"

namespace lakebase::emulator::data_api {
namespace {

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::string_view name_of(std::string_view preference) {
  return trimmed(preference.substr(0, preference.find('=')));
}

// False if it is not known. What the service does not honour is not known.
bool read_preference(std::string_view name, std::string_view value, Preferences& to) {
  using Return = Preferences::Return;
  if (name == "return" && value == "minimal") {
    to.returns = Return::minimal;
  } else if (name == "return" && value == "headers-only") {
    to.returns = Return::headers_only;
  } else if (name == "return" && value == "representation") {
    to.returns = Return::representation;
  } else if (name == "resolution" && (value == "merge-duplicates" || value == "ignore-duplicates")) {
    to.resolution = value;
  } else if (name == "missing" && (value == "default" || value == "null")) {
    to.missing_default = value == "default";
  } else if (name == "count" && value == "exact") {
    to.count_exact = true;
  } else if (name == "handling" && (value == "strict" || value == "lenient")) {
    to.strict = value == "strict";
  } else if (name == "max-affected" && number_in(value)) {
    to.max_affected = number_in(value);
  } else if (name == "timezone" && !value.empty()) {
    to.timezone = value;
  } else {
    return false;
  }
  return true;
}

}  // namespace

void Preferences::withdraw(std::string_view name) {
  std::erase_if(applied, [&](std::string const& one) { return name_of(one) == name; });
}

Preferences parse_preferences(std::string_view header) {
  Preferences preferences;
  std::vector<std::string> unknown;
  while (!header.empty()) {
    auto const end = std::min(header.find(','), header.size());
    auto const one = trimmed(header.substr(0, end));
    header.remove_prefix(std::min(end + 1, header.size()));
    if (one.empty()) continue;
    auto const equals = std::min(one.find('='), one.size());
    auto const name = name_of(one);
    auto const value = trimmed(one.substr(std::min(equals + 1, one.size())));
    if (read_preference(name, value, preferences)) {
      preferences.applied.emplace_back(one);
    } else {
      unknown.emplace_back(one);
    }
  }
  if (preferences.strict && !unknown.empty()) {
    throw ApiError{400, "PGRST122", "Invalid preferences given with handling=strict",
                   fmt::format("Invalid preferences: {}", fmt::join(unknown, ", "))};
  }
  return preferences;
}

}  // namespace lakebase::emulator::data_api
