#pragma once

#include <lakebase/config.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Sets the log that LAKEBASE_LOG requests, unless the program has one of its own.
/// @throws ConfigError if its value is not a level
void take_log(Config& config);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
