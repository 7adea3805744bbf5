#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <lakebase/credentials.hpp>

#include "auth/auth_context.hpp"
#include "auth/token_source.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

using AuthContextPointer = std::shared_ptr<AuthContext const>;

/// One way to authenticate.
struct StrategyKind {
  std::string_view name;
  /// Why it cannot work with this configuration, e.g. "client_id is not set"; empty if it may. Looks at settings,
  /// variables and files; sends no request.
  std::string (*why_not)(AuthContext const&);
  std::shared_ptr<CredentialsStrategy> (*make)(AuthContextPointer);
  /// Whether it can request a token for the group that `group_id` names.
  bool can_assume_group = false;
};

/// Uses the first strategy in order that works at the first call, or the one that `auth_type` names.
std::shared_ptr<CredentialsStrategy> make_default_credentials(AuthContextPointer context);

/// Throws ConfigError, naming every place that was looked at, if no strategy can possibly work.
void check_credentials_possible(AuthContext const& context);

/// A strategy that is one bearer token.
std::shared_ptr<CredentialsStrategy> make_token_strategy(std::string_view name, AuthContextPointer context,
                                                         TokenSource::Fetch fetch, bool refresh_early = true);

/// A fetch that the configuration's observer of events, if there is one, is told of: as a mint of that strategy, whose
/// name is a literal.
TokenSource::Fetch watched(AuthContext const& context, std::string_view strategy, TokenSource::Fetch fetch);

/// "host is not set" or "" and the like, for `why_not`: the first of the named settings that has no value.
std::string first_unset(AuthContext const& context, std::initializer_list<std::string_view> settings);

std::string why_not_pat(AuthContext const&);
std::string why_not_basic(AuthContext const&);
std::string why_not_metadata_service(AuthContext const&);
std::string why_not_oauth_m2m(AuthContext const&);
std::string why_not_env_oidc(AuthContext const&);
std::string why_not_file_oidc(AuthContext const&);
std::string why_not_github_oidc(AuthContext const&);
std::string why_not_azure_msi(AuthContext const&);
std::string why_not_azure_client_secret(AuthContext const&);
std::string why_not_github_oidc_azure(AuthContext const&);
std::string why_not_azure_cli(AuthContext const&);
std::string why_not_azure_devops_oidc(AuthContext const&);
std::string why_not_external_browser(AuthContext const&);
std::string why_not_databricks_cli(AuthContext const&);
std::string why_not_model_serving(AuthContext const&);
std::string why_not_google_credentials(AuthContext const&);
std::string why_not_google_id(AuthContext const&);

std::shared_ptr<CredentialsStrategy> make_pat(AuthContextPointer);
std::shared_ptr<CredentialsStrategy> make_basic(AuthContextPointer);
std::shared_ptr<CredentialsStrategy> make_metadata_service(AuthContextPointer);
std::shared_ptr<CredentialsStrategy> make_oauth_m2m(AuthContextPointer);
std::shared_ptr<CredentialsStrategy> make_env_oidc(AuthContextPointer);
std::shared_ptr<CredentialsStrategy> make_file_oidc(AuthContextPointer);
std::shared_ptr<CredentialsStrategy> make_github_oidc(AuthContextPointer);
std::shared_ptr<CredentialsStrategy> make_azure_msi(AuthContextPointer);
std::shared_ptr<CredentialsStrategy> make_azure_client_secret(AuthContextPointer);
std::shared_ptr<CredentialsStrategy> make_github_oidc_azure(AuthContextPointer);
std::shared_ptr<CredentialsStrategy> make_azure_cli(AuthContextPointer);
std::shared_ptr<CredentialsStrategy> make_azure_devops_oidc(AuthContextPointer);
std::shared_ptr<CredentialsStrategy> make_external_browser(AuthContextPointer);
std::shared_ptr<CredentialsStrategy> make_databricks_cli(AuthContextPointer);
std::shared_ptr<CredentialsStrategy> make_model_serving(AuthContextPointer);
std::shared_ptr<CredentialsStrategy> make_google_credentials(AuthContextPointer);
std::shared_ptr<CredentialsStrategy> make_google_id(AuthContextPointer);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
