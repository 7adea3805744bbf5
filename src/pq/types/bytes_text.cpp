#include <lakebase/pq/type_bytes.hpp>

#include <algorithm>

#include "base/ascii.hpp"
#include "base/text/hex.hpp"
#include "pq/types/oids.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace detail {
namespace {

unsigned value_of_digit(char digit) {
  if (!lakebase::detail::is_hex_digit(digit)) bad_text("it has a character that is no hexadecimal digit");
  return lakebase::detail::is_digit(digit) ? static_cast<unsigned>(digit - '0')
                                           : static_cast<unsigned>(lakebase::detail::to_lower(digit) - 'a' + 10);
}

std::byte byte_of(char high, char low) {
  return static_cast<std::byte>(value_of_digit(high) * 16 + value_of_digit(low));
}

bool is_octal(char digit) {
  return digit >= '0' && digit <= '7';
}

// `bytea_output = escape`: `\\` for a backslash, and three octal digits for bytes that are no letters.
std::vector<std::byte> read_escaped(std::string_view text) {
  std::vector<std::byte> bytes;
  while (!text.empty()) {
    if (text.front() != '\\') {
      bytes.push_back(static_cast<std::byte>(text.front()));
      text.remove_prefix(1);
    } else if (text.size() >= 2 && text[1] == '\\') {
      bytes.push_back(std::byte{'\\'});
      text.remove_prefix(2);
    } else if (text.size() >= 4 && text[1] <= '3' && std::all_of(text.begin() + 1, text.begin() + 4, is_octal)) {
      bytes.push_back(static_cast<std::byte>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0')));
      text.remove_prefix(4);
    } else {
      bad_text("it is no bytea");
    }
  }
  return bytes;
}

}  // namespace

std::vector<std::byte> read_bytea(std::string_view text) {
  if (!text.starts_with("\\x")) return read_escaped(text);
  text.remove_prefix(2);
  if (text.size() % 2 != 0) bad_text("it has half a byte at its end");
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) bytes.push_back(byte_of(text[i], text[i + 1]));
  return bytes;
}

void write_bytea(std::string_view bytes, std::string& text) {
  text += "\\x";
  for (char const byte : bytes) lakebase::detail::append_hex(text, byte);
}

std::optional<std::vector<std::byte>> binary_bytea(unsigned oid, std::string_view bytes) {
  if (oid != oids::bytea) return std::nullopt;
  auto const* const begin = reinterpret_cast<std::byte const*>(bytes.data());
  return std::vector<std::byte>(begin, begin + bytes.size());
}

std::optional<Uuid> binary_uuid(unsigned oid, std::string_view bytes) {
  if (oid != oids::uuid) return std::nullopt;
  Uuid value;
  if (bytes.size() != value.bytes.size()) bad_text("it has not 16 bytes");
  std::transform(bytes.begin(), bytes.end(), value.bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
  return value;
}

}  // namespace detail

Uuid Uuid::parse(std::string_view text) {
  if (text.size() != 36) bad_text("it has not the 36 characters of a uuid");
  Uuid value;
  std::size_t at = 0;
  for (std::size_t i = 0; i < value.bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      if (text[at++] != '-') bad_text("it has no hyphens at the places of a uuid");
    }
    value.bytes[i] = detail::byte_of(text[at], text[at + 1]);
    at += 2;
  }
  return value;
}

std::string Uuid::to_string() const {
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    lakebase::detail::append_hex(text, static_cast<char>(bytes[i]));
  }
  return text;
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
