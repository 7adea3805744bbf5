#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

LAKEBASE_EXPORT std::string base64(std::string_view bytes);
/// The alphabet for URLs, without padding.
LAKEBASE_EXPORT std::string base64url(std::string_view bytes);
/// Either alphabet, with or without padding; none if it is neither.
LAKEBASE_EXPORT std::optional<std::string> decode_base64(std::string_view text);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
