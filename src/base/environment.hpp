#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// A variable of this process, which may be set to nothing.
inline std::optional<std::string> process_environment(std::string_view name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): only reads; a program that sets variables does it before
  char const* const value = std::getenv(std::string{name}.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
