#pragma once

#include <lakebase/config.hpp>

namespace lakebase::inline v0::detail {

/// Where the program has no log of its own, the one that LAKEBASE_LOG asks for.
/// @throws ConfigError for a word that is no level
void take_log(Config& config);

}  // namespace lakebase::inline v0::detail
