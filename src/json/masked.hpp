#pragma once

#include <string>

#include <lakebase/field_mask.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// As `to_json`, but empty lists and maps that `mask` names are written, which clears them. For every model.
template <class T>
std::string encode_masked(T const& value, FieldMask const& mask);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
