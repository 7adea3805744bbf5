#include "auth/oidc.hpp"
#include "auth/strategies.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr std::string_view m2m_name = "oauth-m2m";

Token fetch_m2m_token(AuthContext const& context, CredentialsLimits const& limits) {
  auto const& config = context.config();
  auto const endpoints = find_oidc_endpoints(context, limits, m2m_name);
  auto request = form_request(context, endpoints.token,
                              {{"grant_type", "client_credentials"},
                               {"scope", scope_text(config)},
                               {"authorization_details", config.authorization_details.value_or("")},
                               {"assume_group", config.group_id.value_or("")}});
  request.headers.emplace_back("Authorization",
                               basic_authorization(config.client_id.value_or(""), config.client_secret.value_or("")));
  auto const response = send_for_auth(context, {.http = std::move(request), .strategy = m2m_name}, limits);
  return read_token(response, context, m2m_name, "the token endpoint refused");
}

}  // namespace

std::string why_not_oauth_m2m(AuthContext const& context) {
  return first_unset(context, {"host", "client_id", "client_secret"});
}

std::shared_ptr<CredentialsStrategy> make_oauth_m2m(AuthContextPointer context) {
  return make_token_strategy(m2m_name, context, [context](CredentialsLimits const& limits, std::string_view) {
    return fetch_m2m_token(*context, limits);
  });
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
