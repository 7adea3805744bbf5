#pragma once

#include <lakebase/config.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Where the program has no log of its own, the one that LAKEBASE_LOG asks for.
/// @throws ConfigError for a word that is no level
void take_log(Config& config);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
