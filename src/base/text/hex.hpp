#pragma once

#include <string>
#include <string_view>

namespace lakebase {
inline namespace v0 {
namespace detail {

inline constexpr std::string_view lower_hex_digits = "0123456789abcdef";
inline constexpr std::string_view upper_hex_digits = "0123456789ABCDEF";

/// Appends the two digits of a byte.
inline void append_hex(std::string& text, char byte, std::string_view digits = lower_hex_digits) {
  auto const bits = static_cast<unsigned char>(byte);
  text += digits[bits >> 4U];
  text += digits[bits & 0x0fU];
}

/// The bytes in hexadecimal, in lower case.
inline std::string hex(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (char const byte : bytes) append_hex(text, byte);
  return text;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
