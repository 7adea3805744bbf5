#pragma once

#include <string>

#include <lakebase/database/instance.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Whether somebody asked for it to be stopped, and nobody to start it again.
bool is_to_be_stopped(database::DatabaseInstance const& instance);

/// Why the instance, as it is, never reaches `wanted` by itself, in words that follow its name; empty if it may.
std::string why_never(database::DatabaseInstance const& instance, database::DatabaseInstanceState wanted);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
