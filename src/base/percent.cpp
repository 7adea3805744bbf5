#include "base/percent.hpp"

#include <charconv>

namespace lakebase::inline v0::detail {

std::string percent_decode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned char byte = 0;
    auto const* const digits = text.data() + at + 1;
    bool const is_escape =
        text[at] == '%' && text.size() - at > 2 && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    result += is_escape ? static_cast<char>(byte) : text[at];
    if (is_escape) at += 2;
  }
  return result;
}

}  // namespace lakebase::inline v0::detail
