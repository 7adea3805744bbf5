#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace lakebase::tests {

using Variables = std::map<std::string, std::string, std::less<>>;

/// An environment that has these variables and no others.
inline std::function<std::optional<std::string>(std::string_view)> environment(Variables variables) {
  return [variables = std::move(variables)](std::string_view name) {
    auto const found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional{found->second};
  };
}

}  // namespace lakebase::tests
