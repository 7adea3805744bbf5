#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/api/shape.hpp"
#include "cli/base/json.hpp"

namespace lakebase::cli {

/// Brings JSON of a user to a shape: drops unknown members, with a warning each that names the nearest, and makes
/// simple conversions (`"17"` where a number is expected).
/// @throws Failure that says at which path something else was expected
Json conform(Json const& value, Shape const& shape, std::vector<std::string>& warnings, std::string const& path = "");

/// The value of a flag as JSON of a shape; a duration may be written as `7d`.
/// @throws Failure
Json flag_value(std::string const& text, Shape const& shape, std::string const& flag);

/// What a value of a shape is called, for messages and helps.
std::string_view name_of(Shape::Kind kind);

}  // namespace lakebase::cli
