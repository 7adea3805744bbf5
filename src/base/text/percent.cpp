#include "base/text/percent.hpp"

#include <charconv>

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

// RFC 3986, section 2.3.
constexpr bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

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

void append_percent_encoded(std::string& result, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (char const c : text) {
    if (is_unreserved(c)) {
      result += c;
    } else {
      auto const byte = static_cast<unsigned char>(c);
      result += '%';
      result += digits[byte >> 4U];
      result += digits[byte & 0x0fU];
    }
  }
}

std::string percent_encode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  append_percent_encoded(result, text);
  return result;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
