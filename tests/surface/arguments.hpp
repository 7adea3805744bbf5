#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <lakebase/field_mask.hpp>

namespace lakebase::tests {

// Arguments, distinct by the name of the parameter.
inline std::string text(std::string_view parameter) {
  return "a/" + std::string{parameter};
}
inline std::int64_t number(std::string_view parameter) {
  std::uint64_t hash = 0;
  for (char const c : parameter) hash = hash * 31 + static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(hash >> 1U);
}
inline bool flag(std::string_view parameter) {
  return parameter < "m";
}
inline FieldMask mask() {
  return {"spec.mask_1", "spec.mask_2"};
}

}  // namespace lakebase::tests
