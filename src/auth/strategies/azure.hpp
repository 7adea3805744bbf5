#pragma once

#include <string>
#include <string_view>

#include "auth/strategies.hpp"
#include "auth/token_source.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Fetches a token of Entra ID for a resource: an application id, or the URL of a service of Azure.
using AzureFetch = std::function<Token(std::string_view resource, CredentialsLimits const&)>;

/// Whether Databricks also needs a token of the management service, which proves a role in the workspace's resource.
enum class ManagementToken {
  never,
  always,
  /// If the caller is not a person; it is no failure if no such token can be had.
  if_service_principal,
};

/// The tokens that an Azure strategy puts on requests.
struct AzureTokens {
  std::string_view name{};
  AzureFetch fetch{};
  ManagementToken management = ManagementToken::always;
  bool refresh_early = true;
};

/// A strategy over tokens of Entra ID. Finds the workspace's URL if only its Azure resource is known.
std::shared_ptr<CredentialsStrategy> make_azure_strategy(AuthContextPointer context, AzureTokens tokens);

/// Why no Azure strategy applies: another cloud, or neither host nor resource. For a strategy that the configuration
/// names, the cloud is not checked.
std::string why_not_azure(AuthContext const& context, std::string_view strategy);

/// `azure_tenant_id`, else the tenant that the workspace's login redirects to.
/// @throws AuthError
std::string azure_tenant(AuthContext const& context, CredentialsLimits const& limits, std::string_view strategy);

/// The token endpoint of a tenant.
std::string azure_token_endpoint(AuthContext const& context, std::string_view tenant);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
