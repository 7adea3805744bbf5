#pragma once

#include <lakebase/error.hpp>

#include "base/json_text.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Sorts the elements of `details` into their members; a later one of the same type wins. Elements of an unknown type
/// or with members of wrong types go to `unknown` as they are.
ErrorDetails read_details(Json const& details);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
