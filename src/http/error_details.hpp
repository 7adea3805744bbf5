#pragma once

#include <lakebase/error.hpp>

#include "base/json_text.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Sorts the elements of `details` into their slots; a later one of the same type wins. What has an unknown type or
/// members of wrong types goes to `unknown` as it is.
ErrorDetails read_details(Json const& details);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
