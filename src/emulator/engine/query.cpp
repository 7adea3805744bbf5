#include "engine/query.hpp"

#include <charconv>

#include <fmt/format.h>

#include "engine/errors.hpp"

namespace lakebase::emulator {

std::string Query::text(std::string_view name) const {
  auto const found = options_.find(name);
  if (found == options_.end()) return {};
  if (found->second.find('\0') != std::string::npos) {
    throw invalid(fmt::format("Query parameter '{}' must not hold NUL.", name));
  }
  return found->second;
}

bool Query::flag(std::string_view name) const {
  std::string const value = text(name);
  if (value == "true" || value == "True") return true;
  if (value.empty() || value == "false" || value == "False") return false;
  throw invalid(fmt::format("Query parameter '{}' must be true or false, got '{}'.", name, value));
}

std::optional<std::int64_t> Query::integer(std::string_view name) const {
  std::string const value = text(name);
  if (value.empty()) return std::nullopt;
  std::int64_t number = 0;
  auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size()) {
    throw invalid(fmt::format("Query parameter '{}' must be an integer, got '{}'.", name, value));
  }
  return number;
}

}  // namespace lakebase::emulator
