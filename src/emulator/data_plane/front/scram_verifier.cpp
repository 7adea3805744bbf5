#include "data_plane/front/scram_verifier.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

namespace lakebase::emulator {
namespace {

using Digest = std::array<unsigned char, 32>;

struct ScramVerifier {
  int iterations = 0;
  std::vector<unsigned char> salt;
  std::vector<unsigned char> stored_key;
};

std::optional<std::vector<unsigned char>> decode_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::vector<unsigned char> bytes(text.size() / 4 * 3);
  int size = ::EVP_DecodeBlock(bytes.data(), reinterpret_cast<unsigned char const*>(text.data()),
                               static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

/// Takes the text up to a separator off the front.
std::string_view take(std::string_view& text, char separator) {
  auto end = text.find(separator);
  std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

/// SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>
std::optional<ScramVerifier> parse(std::string_view text) {
  if (take(text, '$') != "SCRAM-SHA-256") return std::nullopt;
  ScramVerifier verifier;
  std::string_view iterations = take(text, ':');
  auto salt = decode_base64(take(text, '$'));
  auto stored_key = decode_base64(take(text, ':'));
  auto number = std::from_chars(iterations.data(), iterations.data() + iterations.size(), verifier.iterations);
  if (number.ec != std::errc{} || verifier.iterations < 1 || !salt || !stored_key) return std::nullopt;
  verifier.salt = std::move(*salt);
  verifier.stored_key = std::move(*stored_key);
  return verifier;
}

bool fits_scram(ScramVerifier const& verifier, std::string_view password) {
  Digest salted{};
  Digest client_key{};
  Digest stored_key{};
  unsigned size = 0;
  constexpr std::string_view label = "Client Key";
  return verifier.stored_key.size() == stored_key.size() &&
         ::PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), verifier.salt.data(),
                             static_cast<int>(verifier.salt.size()), verifier.iterations, ::EVP_sha256(),
                             static_cast<int>(salted.size()), salted.data()) == 1 &&
         ::HMAC(::EVP_sha256(), salted.data(), static_cast<int>(salted.size()),
                reinterpret_cast<unsigned char const*>(label.data()), label.size(), client_key.data(),
                &size) != nullptr &&
         ::EVP_Digest(client_key.data(), client_key.size(), stored_key.data(), &size, ::EVP_sha256(), nullptr) == 1 &&
         ::CRYPTO_memcmp(stored_key.data(), verifier.stored_key.data(), stored_key.size()) == 0;
}

bool fits_md5(std::string_view verifier, std::string_view user, std::string_view password) {
  std::string const text = std::string{password} + std::string{user};
  std::array<unsigned char, 16> digest{};
  unsigned size = 0;
  if (::EVP_Digest(text.data(), text.size(), digest.data(), &size, ::EVP_md5(), nullptr) != 1) return false;
  std::string hex = "md5";
  for (unsigned char byte : digest) {
    hex += "0123456789abcdef"[byte >> 4U];
    hex += "0123456789abcdef"[byte & 15U];
  }
  return hex.size() == verifier.size() && ::CRYPTO_memcmp(hex.data(), verifier.data(), hex.size()) == 0;
}

}  // namespace

bool password_fits(std::string_view verifier, std::string_view user, std::string_view password) {
  if (password.empty()) return false;
  if (verifier.starts_with("md5")) return fits_md5(verifier, user, password);
  auto scram = parse(verifier);
  return scram && fits_scram(*scram, password);
}

}  // namespace lakebase::emulator
