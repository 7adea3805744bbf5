#pragma once

#include <string>
#include <string_view>

#include "base/json_text.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The claims of a JWT, not verified: good for a choice, never for trust. An empty object if the text is not a JWT.
Json jwt_claims(std::string_view token);

/// A JWT signed with RS256 by a private key in PEM; empty if the key is not usable.
std::string sign_jwt(Json const& header, Json const& claims, std::string const& private_key);

/// The 32 raw bytes of the text's SHA-256.
std::string sha256(std::string_view text);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
