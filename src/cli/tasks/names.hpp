#pragma once

#include <string>
#include <vector>

#include "cli/parse/settings.hpp"

namespace lakebase::cli {

/// Names of what is in a collection, such as `projects`, `projects/p/branches` or `instances`, for completion: from a
/// cache of a minute, or from the service if it responds within a second. None if they cannot be known so soon.
std::vector<std::string> names_in(Settings const& settings, std::string const& collection);

}  // namespace lakebase::cli
