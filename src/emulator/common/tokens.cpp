#include "common/tokens.hpp"

#include <algorithm>
#include <array>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace lakebase::emulator {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string hmac(std::string_view secret, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<unsigned char const*>(text.data()), text.size(), digest.data(), &size);
  return {reinterpret_cast<char const*>(digest.data()), size};
}

}  // namespace

std::string base64url(std::string_view bytes) {
  std::string text;
  unsigned buffer = 0;
  int bits = 0;
  for (unsigned char const byte : bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    for (; bits >= 6; bits -= 6) text += alphabet[(buffer >> (bits - 6)) & 63];
  }
  if (bits > 0) text += alphabet[(buffer << (6 - bits)) & 63];
  return text;
}

std::optional<std::string> base64url_decoded(std::string_view text) {
  std::string bytes;
  unsigned buffer = 0;
  int bits = 0;
  for (char const c : text) {
    auto const value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    buffer = (buffer << 6) | static_cast<unsigned>(value);
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

std::string TokenMint::sign(Json const& claims) const {
  static std::string const header = base64url(R"({"alg":"HS256","typ":"JWT"})");
  std::string const text = header + "." + base64url(claims.dump());
  return text + "." + base64url(hmac(secret_, text));
}

std::optional<Json> TokenMint::read(std::string_view token) const {
  if (!looks_like_jwt(token)) return std::nullopt;
  auto const last_dot = token.rfind('.');
  auto const first_dot = token.find('.');
  if (!equal_secrets(base64url(hmac(secret_, token.substr(0, last_dot))), token.substr(last_dot + 1))) {
    return std::nullopt;
  }
  auto const payload = base64url_decoded(token.substr(first_dot + 1, last_dot - first_dot - 1));
  if (!payload) return std::nullopt;
  Json claims = Json::parse(*payload, nullptr, false);
  if (!claims.is_object()) return std::nullopt;
  return claims;
}

std::string TokenMint::seal(std::string_view text) const {
  return base64url(hmac(secret_, text).substr(0, 9));
}

bool looks_like_jwt(std::string_view text) {
  return text.starts_with("eyJ") && std::count(text.begin(), text.end(), '.') == 2;
}

bool equal_secrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace lakebase::emulator
