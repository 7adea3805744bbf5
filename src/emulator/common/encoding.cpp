#include "common/encoding.hpp"

#include <array>
#include <charconv>

namespace lakebase::emulator {
namespace {

using Alphabet = std::array<char, 2>;

// What the two alphabets have in common; they differ in their last two digits.
constexpr std::string_view common_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr Alphabet usual_alphabet = {'+', '/'};
constexpr Alphabet url_alphabet = {'-', '_'};

std::optional<unsigned> value_of(char digit, Alphabet const& alphabet) {
  if (auto const value = common_digits.find(digit); value != std::string_view::npos) return value;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    if (alphabet[i] == digit) return common_digits.size() + i;
  }
  return std::nullopt;
}

std::optional<std::string> base64_bytes(std::string_view text, Alphabet const& alphabet) {
  std::string bytes;
  unsigned buffer = 0;
  int bits = 0;
  for (char const digit : text) {
    auto const value = value_of(digit, alphabet);
    if (!value) return std::nullopt;
    buffer = (buffer << 6) | *value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>((buffer >> bits) & 255);
    }
  }
  // Left-over bits must be none or zero, so that each text has one meaning.
  if (bits >= 6 || (buffer & ((1U << bits) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned char const byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

std::string bytes_of_hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(digits.data() + i, digits.data() + i + 2, value, 16);
    bytes += static_cast<char>(value);
  }
  return bytes;
}

std::string base64url(std::string_view bytes) {
  auto const digit = [](unsigned value) {
    return value < common_digits.size() ? common_digits[value] : url_alphabet[value - common_digits.size()];
  };
  std::string text;
  unsigned buffer = 0;
  int bits = 0;
  for (unsigned char const byte : bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    for (; bits >= 6; bits -= 6) text += digit((buffer >> (bits - 6)) & 63);
  }
  if (bits > 0) text += digit((buffer << (6 - bits)) & 63);
  return text;
}

std::optional<std::string> base64url_decoded(std::string_view text) {
  return base64_bytes(text, url_alphabet);
}

std::optional<std::string> base64_decoded(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  return base64_bytes(text, usual_alphabet);
}

}  // namespace lakebase::emulator
