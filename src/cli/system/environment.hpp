#pragma once

#include "tools/environment.hpp"

namespace lakebase::cli {

using tools::variable;

}  // namespace lakebase::cli
