#include "base/text/base64.hpp"

#include <cstdint>

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr std::string_view common = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

std::string encode(std::string_view bytes, std::string_view last_two, bool pads) {
  auto const symbol = [&](std::uint32_t value) { return value < 62 ? common[value] : last_two[value - 62]; };
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    auto const byte = [&](std::size_t i) {
      return at + i < bytes.size() ? std::uint32_t{static_cast<unsigned char>(bytes[at + i])} : 0U;
    };
    auto const group = byte(0) << 16U | byte(1) << 8U | byte(2);
    auto const size = bytes.size() - at;
    text += symbol(group >> 18U);
    text += symbol(group >> 12U & 63U);
    if (size > 1) text += symbol(group >> 6U & 63U);
    if (size > 2) text += symbol(group & 63U);
    if (pads && size < 3) text.append(3 - size, '=');
  }
  return text;
}

std::optional<std::uint32_t> value_of(char c) {
  if (auto const at = common.find(c); at != std::string_view::npos) return static_cast<std::uint32_t>(at);
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return std::nullopt;
}

}  // namespace

std::string base64(std::string_view bytes) {
  return encode(bytes, "+/", true);
}

std::string base64url(std::string_view bytes) {
  return encode(bytes, "-_", false);
}

std::optional<std::string> decode_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  std::uint32_t group = 0;
  int bits = 0;
  for (char const c : text) {
    auto const value = value_of(c);
    if (!value) return std::nullopt;
    group = (group << 6U | *value) & 0xffffffU;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(group >> static_cast<unsigned>(bits) & 0xffU);
    }
  }
  return bytes;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
