#include "base/text/percent.hpp"

#include <charconv>

#include "base/ascii.hpp"
#include "base/text/hex.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

// RFC 3986, section 2.3.
constexpr bool is_unreserved(char c) {
  return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
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
  for (char const c : text) {
    if (is_unreserved(c)) {
      result += c;
    } else {
      result += '%';
      append_hex(result, c, upper_hex_digits);
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
