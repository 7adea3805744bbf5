#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/json.hpp"

namespace lakebase::emulator {

/// Signs JSON Web Tokens (HMAC with SHA-256) and reads those that it has signed.
class TokenMint {
 public:
  explicit TokenMint(std::string secret) : secret_(std::move(secret)) {}

  std::string sign(Json const& claims) const;
  /// The claims; none if the token is not one of ours. Does not check whether it has expired.
  std::optional<Json> read(std::string_view token) const;

  /// A short proof that a text comes from this mint, for tokens that are not JWTs.
  std::string seal(std::string_view text) const;

 private:
  std::string secret_;
};

/// Whether a text has the shape of a JWT.
bool looks_like_jwt(std::string_view text);

}  // namespace lakebase::emulator
