#include "data_plane/front/scram_verifier.hpp"

#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "common/digest.hpp"
#include "common/encoding.hpp"
#include "common/sql_quoting.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::size_t digest_size = 32;

struct ScramVerifier {
  int iterations = 0;
  std::string salt;
  std::string stored_key;
};

/// Removes and returns the text up to a separator.
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
  auto salt = base64_decoded(take(text, '$'));
  auto stored_key = base64_decoded(take(text, ':'));
  auto number = std::from_chars(iterations.data(), iterations.data() + iterations.size(), verifier.iterations);
  if (number.ec != std::errc{} || verifier.iterations < 1 || !salt || salt->empty() || !stored_key ||
      stored_key->size() != digest_size) {
    return std::nullopt;
  }
  verifier.salt = std::move(*salt);
  verifier.stored_key = std::move(*stored_key);
  return verifier;
}

bool fits_scram(ScramVerifier const& verifier, std::string_view password) {
  std::array<unsigned char, digest_size> salted{};
  auto const* const salt = reinterpret_cast<unsigned char const*>(verifier.salt.data());
  if (::PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt,
                          static_cast<int>(verifier.salt.size()), verifier.iterations, ::EVP_sha256(),
                          static_cast<int>(salted.size()), salted.data()) != 1) {
    return false;
  }
  std::string_view const key{reinterpret_cast<char const*>(salted.data()), salted.size()};
  return equal_secrets(sha256(hmac_sha256(key, "Client Key")), verifier.stored_key);
}

bool fits_md5(std::string_view verifier, std::string_view user, std::string_view password) {
  std::string const text = std::string{password} + std::string{user};
  std::array<unsigned char, 16> digest{};
  unsigned size = 0;
  if (::EVP_Digest(text.data(), text.size(), digest.data(), &size, ::EVP_md5(), nullptr) != 1) return false;
  std::string_view const bytes{reinterpret_cast<char const*>(digest.data()), digest.size()};
  return equal_secrets("md5" + hex(bytes), verifier);
}

}  // namespace

std::string sql_to_read_verifier(std::string const& role) {
  return "SELECT rolpassword FROM pg_catalog.pg_authid WHERE rolname = " + quote_literal(role);
}

bool password_fits(std::string_view verifier, std::string_view user, std::string_view password) {
  if (password.empty()) return false;
  if (verifier.starts_with("md5")) return fits_md5(verifier, user, password);
  auto scram = parse(verifier);
  return scram && fits_scram(*scram, password);
}

}  // namespace lakebase::emulator
