#include "tools/environment.hpp"

#include <cstdlib>

namespace lakebase::tools {

std::optional<std::string> variable(char const* name) {
  char const* const value = std::getenv(name);
  return value != nullptr && *value != '\0' ? std::optional<std::string>{value} : std::nullopt;
}

}  // namespace lakebase::tools
