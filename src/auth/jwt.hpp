#pragma once

#include <string>
#include <string_view>

#include "base/json_text.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The claims of a JWT, not verified: they are looked at to choose, never to trust. An empty object where the text is
/// no JWT.
Json jwt_claims(std::string_view token);

/// A JWT signed with RS256 by a private key in PEM; empty where the key is not usable.
std::string sign_jwt(Json const& header, Json const& claims, std::string const& private_key);

/// SHA-256 of the text, its bytes as they are.
std::string sha256(std::string_view text);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
