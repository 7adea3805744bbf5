#pragma once

#include <optional>
#include <string>

namespace lakebase::tools {

/// A variable of the process; none if it is empty.
std::optional<std::string> variable(char const* name);

}  // namespace lakebase::tools
