#include "auth/strategies/id_tokens.hpp"

#include <array>
#include <span>

#include <fmt/format.h>

#include "auth/auth_http.hpp"
#include "base/ascii.hpp"
#include "base/text/percent.hpp"
#include "base/text_file.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

// Not "refused a token: …": after these words, the reason would be taken for a secret and be hidden.
std::string read_id_token(HttpResponse const& response, char const* key, std::string_view strategy,
                          std::string_view who) {
  auto token = text_of(read_response(response, strategy, fmt::format("no ID token from {}", who)), key);
  if (token.empty()) refuse_response(response, strategy, fmt::format("{} sent no ID token", who));
  return token;
}

std::string first_missing(AuthContext const& context, std::span<std::string_view const> variables) {
  for (auto const name : variables) {
    if (context.variable(name).empty()) return fmt::format("{} is not set", name);
  }
  return {};
}

}  // namespace

std::string id_token_variable(AuthContext const& context) {
  return context.config().oidc_token_env.value_or("DATABRICKS_OIDC_TOKEN");
}

std::string why_no_github(AuthContext const& context) {
  static constexpr std::array<std::string_view, 2> variables{"ACTIONS_ID_TOKEN_REQUEST_URL",
                                                             "ACTIONS_ID_TOKEN_REQUEST_TOKEN"};
  return first_missing(context, variables);
}

std::string github_id_token(AuthContext const& context, std::string_view audience, CredentialsLimits const& limits,
                            std::string_view strategy) {
  auto url = context.variable("ACTIONS_ID_TOKEN_REQUEST_URL");
  url += url.find('?') == std::string::npos ? '?' : '&';
  url.append("audience=").append(percent_encode(audience));
  auto request = get_request(context, std::move(url));
  check_endpoint(context, request.url, strategy);
  request.headers.emplace_back("Authorization", "Bearer " + context.variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN"));
  auto const response = send_for_auth(context, {.http = std::move(request), .strategy = strategy}, limits);
  return read_id_token(response, "value", strategy, "GitHub");
}

std::string why_no_azure_devops(AuthContext const& context) {
  static constexpr std::array<std::string_view, 5> variables{
      "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI", "SYSTEM_TEAMPROJECTID", "SYSTEM_HOSTTYPE", "SYSTEM_PLANID", "SYSTEM_JOBID"};
  if (auto reason = first_missing(context, variables); !reason.empty()) return reason;
  if (!context.variable("SYSTEM_ACCESSTOKEN").empty()) return {};
  return "SYSTEM_ACCESSTOKEN is not set; map it into the environment of the pipeline's step: "
         "SYSTEM_ACCESSTOKEN: $(System.AccessToken)";
}

std::string azure_devops_id_token(AuthContext const& context, CredentialsLimits const& limits,
                                  std::string_view strategy) {
  auto collection = context.variable("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI");
  while (!collection.empty() && collection.back() == '/') collection.pop_back();
  HttpRequest request{
      .method = "POST",
      .url = fmt::format("{}/{}/_apis/distributedtask/hubs/{}/plans/{}/jobs/{}/oidctoken?api-version=7.2-preview.1",
                         collection, context.variable("SYSTEM_TEAMPROJECTID"), context.variable("SYSTEM_HOSTTYPE"),
                         context.variable("SYSTEM_PLANID"), context.variable("SYSTEM_JOBID")),
      .headers = {{"Accept", "application/json"},
                  {"Content-Type", "application/json"},
                  {"User-Agent", context.user_agent},
                  {"Authorization", "Bearer " + context.variable("SYSTEM_ACCESSTOKEN")}},
      .body = {}};
  check_endpoint(context, request.url, strategy);
  auto const response = send_for_auth(context, {.http = std::move(request), .strategy = strategy}, limits);
  return read_id_token(response, "oidcToken", strategy, "Azure DevOps");
}

std::string read_token_file(std::string const& path, std::string_view strategy) {
  auto const text = read_text_file(path);
  std::string token{trim(text.value_or(""))};
  if (token.empty()) {
    throw AuthError{
        std::string{strategy},
        ErrorFacts{.message = fmt::format("the file {} {}", path, text ? "holds no token" : "cannot be read")}};
  }
  return token;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
