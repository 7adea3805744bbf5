#pragma once

#include <string>

#include "auth/auth_http.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The endpoints at which an OAuth server lets people log in and issues tokens.
struct OidcEndpoints {
  std::string authorization{};
  std::string token{};
};

/// The workspace's or account's OAuth server: by `discovery_url`, by the host's metadata, or by the host.
/// @throws AuthError
OidcEndpoints find_oidc_endpoints(AuthContext const& context, CredentialsLimits const& limits,
                                  std::string_view strategy);

/// Exchanges an ID token of another issuer for one of Databricks (token federation).
/// @throws AuthError
Token exchange_id_token(AuthContext const& context, std::string const& id_token, CredentialsLimits const& limits,
                        std::string_view strategy);

/// The scopes to request, joined by spaces.
std::string scope_text(Config const& config);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
