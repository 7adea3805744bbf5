#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lakebase {
inline namespace v0 {
namespace detail {

std::string base64(std::string_view bytes);
/// The alphabet for URLs, without padding.
std::string base64url(std::string_view bytes);
/// Either alphabet, with or without padding; none if it is neither.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
