#pragma once

#include <string>
#include <string_view>

#include "auth/auth_context.hpp"

// ID tokens from the environment of a program: files, variables, CI systems.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The name of the variable that holds the token of `env-oidc`.
std::string id_token_variable(AuthContext const& context);

/// Why GitHub Actions gives this program no tokens; empty if it does.
std::string why_no_github(AuthContext const& context);
/// @throws AuthError
std::string github_id_token(AuthContext const& context, std::string_view audience, CredentialsLimits const& limits,
                            std::string_view strategy);

/// The same for Azure DevOps pipelines.
std::string why_no_azure_devops(AuthContext const& context);
std::string azure_devops_id_token(AuthContext const& context, CredentialsLimits const& limits,
                                  std::string_view strategy);

/// The whole file without blanks around it.
/// @throws AuthError if it cannot be read or is empty
std::string read_token_file(std::string const& path, std::string_view strategy);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
