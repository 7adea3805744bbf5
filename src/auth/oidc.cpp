#include "auth/oidc.hpp"

#include <fmt/format.h>

#include "auth/host_metadata.hpp"
#include "config/host.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

OidcEndpoints endpoints_under(std::string const& base) {
  return {base + "/v1/authorize", base + "/v1/token"};
}

OidcEndpoints read_document(AuthContext const& context, std::string const& url, OidcEndpoints derived,
                            CredentialsLimits const& limits, std::string_view strategy) {
  check_endpoint(context, url, strategy);
  auto const response = send_for_auth(context, {.http = get_request(context, url), .strategy = strategy}, limits);
  if (response.status == 404) {
    refuse_response(response, strategy, "databricks OAuth is not supported for this host");
  }
  auto const json = response.status == 200 ? parse_json(response.body) : Json{};
  OidcEndpoints found{text_of(json, "authorization_endpoint"), text_of(json, "token_endpoint")};
  // The document is not essential: the usual endpoints are known.
  if (found.authorization.empty()) found.authorization = std::move(derived.authorization);
  if (found.token.empty()) found.token = std::move(derived.token);
  if (found.token.empty()) refuse_response(response, strategy, fmt::format("{} names no token endpoint", url));
  check_endpoint(context, found.token, strategy);
  // A browser is sent there, so it must not be a file, a script or an option of a program.
  if (!found.authorization.empty()) check_endpoint(context, found.authorization, strategy);
  return found;
}

}  // namespace

OidcEndpoints find_oidc_endpoints(AuthContext const& context, CredentialsLimits const& limits,
                                  std::string_view strategy) {
  auto const& config = context.config();
  auto const host = context.host();
  if (config.discovery_url) return read_document(context, *config.discovery_url, {}, limits, strategy);
  if (is_account_host(host) && config.account_id) {
    return endpoints_under(host + "/oidc/accounts/" + *config.account_id);
  }
  auto const metadata = find_host_metadata(context, limits);
  if (!metadata.discovery_url.empty()) {
    return read_document(context, metadata.discovery_url, endpoints_under(host + "/oidc"), limits, strategy);
  }
  return read_document(context, host + "/oidc/.well-known/oauth-authorization-server", endpoints_under(host + "/oidc"),
                       limits, strategy);
}

Token exchange_id_token(AuthContext const& context, std::string const& id_token, CredentialsLimits const& limits,
                        std::string_view strategy) {
  auto const& config = context.config();
  auto const endpoints = find_oidc_endpoints(context, limits, strategy);
  auto request = form_request(context, endpoints.token,
                              {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                               {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
                               {"subject_token", id_token},
                               {"scope", scope_text(config)},
                               {"authorization_details", config.authorization_details.value_or("")},
                               {"client_id", config.client_id.value_or("")},
                               {"assume_group", config.group_id.value_or("")}});
  auto const response = send_for_auth(context, {.http = std::move(request), .strategy = strategy}, limits);
  return read_token(response, context, strategy, "the token exchange was refused");
}

std::string scope_text(Config const& config) {
  if (config.scopes.empty()) return "all-apis";
  std::string text;
  for (auto const& scope : config.scopes) text.append(text.empty() ? "" : " ").append(scope);
  return text;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
