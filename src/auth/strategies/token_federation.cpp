#include <fmt/format.h>

#include "auth/host_metadata.hpp"
#include "auth/oidc.hpp"
#include "auth/strategies.hpp"
#include "auth/strategies/id_tokens.hpp"
#include "base/ascii.hpp"

// Strategies that exchange an ID token of another issuer for one of Databricks.

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using IdToken = std::string (*)(AuthContext const&, CredentialsLimits const&, std::string_view strategy);

std::shared_ptr<CredentialsStrategy> federate(std::string_view name, AuthContextPointer context, IdToken id_token) {
  return make_token_strategy(name, context,
                             [name, context, id_token](CredentialsLimits const& limits, std::string_view) {
                               // A new one for each exchange: ID tokens live for minutes.
                               auto const token = id_token(*context, limits, name);
                               return exchange_id_token(*context, token, limits, name);
                             });
}

std::string token_of_variable(AuthContext const& context, CredentialsLimits const&, std::string_view strategy) {
  auto const variable = id_token_variable(context);
  std::string token{trim(context.variable(variable))};
  if (!token.empty()) return token;
  throw AuthError{std::string{strategy}, ErrorFacts{.message = fmt::format("{} is not set", variable)}};
}

std::string token_of_file(AuthContext const& context, CredentialsLimits const&, std::string_view strategy) {
  return read_token_file(context.config().oidc_token_filepath.value_or(""), strategy);
}

std::string token_of_github(AuthContext const& context, CredentialsLimits const& limits, std::string_view strategy) {
  auto audience = context.config().token_audience.value_or("");
  if (audience.empty()) audience = find_host_metadata(context, limits).token_audience;
  if (audience.empty()) audience = find_oidc_endpoints(context, limits, strategy).token;
  return github_id_token(context, audience, limits, strategy);
}

}  // namespace

std::string why_not_env_oidc(AuthContext const& context) {
  if (auto reason = first_unset(context, {"host"}); !reason.empty()) return reason;
  auto const variable = id_token_variable(context);
  return trim(context.variable(variable)).empty() ? fmt::format("{} is not set", variable) : std::string{};
}

std::string why_not_file_oidc(AuthContext const& context) {
  return first_unset(context, {"host", "oidc_token_filepath"});
}

std::string why_not_github_oidc(AuthContext const& context) {
  auto reason = first_unset(context, {"host"});
  return reason.empty() ? why_no_github(context) : reason;
}

std::string why_not_azure_devops_oidc(AuthContext const& context) {
  auto reason = first_unset(context, {"host"});
  return reason.empty() ? why_no_azure_devops(context) : reason;
}

std::shared_ptr<CredentialsStrategy> make_env_oidc(AuthContextPointer context) {
  return federate("env-oidc", std::move(context), token_of_variable);
}

std::shared_ptr<CredentialsStrategy> make_file_oidc(AuthContextPointer context) {
  return federate("file-oidc", std::move(context), token_of_file);
}

std::shared_ptr<CredentialsStrategy> make_github_oidc(AuthContextPointer context) {
  return federate("github-oidc", std::move(context), token_of_github);
}

std::shared_ptr<CredentialsStrategy> make_azure_devops_oidc(AuthContextPointer context) {
  return federate("azure-devops-oidc", std::move(context), azure_devops_id_token);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
