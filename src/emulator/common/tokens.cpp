#include "common/tokens.hpp"

#include <algorithm>

#include "common/digest.hpp"
#include "common/encoding.hpp"

namespace lakebase::emulator {
std::string TokenMint::sign(Json const& claims) const {
  static std::string const header = base64url(R"({"alg":"HS256","typ":"JWT"})");
  std::string const text = header + "." + base64url(claims.dump());
  return text + "." + base64url(hmac_sha256(secret_, text));
}

std::optional<Json> TokenMint::read(std::string_view token) const {
  if (!looks_like_jwt(token)) return std::nullopt;
  auto const last_dot = token.rfind('.');
  auto const first_dot = token.find('.');
  if (!equal_secrets(base64url(hmac_sha256(secret_, token.substr(0, last_dot))), token.substr(last_dot + 1))) {
    return std::nullopt;
  }
  auto const payload = base64url_decoded(token.substr(first_dot + 1, last_dot - first_dot - 1));
  if (!payload) return std::nullopt;
  Json claims = Json::parse(*payload, nullptr, false);
  if (!claims.is_object()) return std::nullopt;
  return claims;
}

std::string TokenMint::seal(std::string_view text) const {
  return base64url(hmac_sha256(secret_, text).substr(0, 9));
}

bool looks_like_jwt(std::string_view text) {
  return text.starts_with("eyJ") && std::count(text.begin(), text.end(), '.') == 2;
}

}  // namespace lakebase::emulator
