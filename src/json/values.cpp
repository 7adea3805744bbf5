#include <lakebase/export.hpp>
#include <lakebase/field_mask.hpp>
#include <lakebase/time.hpp>

#include "json/codec.hpp"

LAKEBASE_INSTANTIATE_JSON(lakebase::Duration)
LAKEBASE_INSTANTIATE_JSON(lakebase::Timestamp)
LAKEBASE_INSTANTIATE_JSON(lakebase::FieldMask)
LAKEBASE_INSTANTIATE_JSON(lakebase::JsonText)

namespace lakebase {
inline namespace v0 {
namespace detail {

std::string encode_string(std::string_view text) {
  return encode(std::string{text});
}

std::string decode_string(std::string_view json) {
  return decode<std::string>(json);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
