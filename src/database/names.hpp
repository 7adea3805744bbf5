#pragma once

#include <string_view>

#include <lakebase/export.hpp>
#include <lakebase/field_mask.hpp>

#include "call/request.hpp"

// What is refused of arguments before a request is made.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Whether an instance can have this name: 1 to 63 letters, digits and hyphens.
LAKEBASE_EXPORT bool can_name_instance(std::string_view name) noexcept;

/// The name as a segment of a path.
/// @throws InvalidArgument if no instance can have it
LAKEBASE_EXPORT Segment instance_segment(std::string_view name);

/// The members that an update mask names.
/// @throws InvalidArgument if it has none, or an empty entry
FieldMask parse_update_mask(std::string_view text);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
