#include <fmt/format.h>

#include "auth/auth_http.hpp"
#include "auth/strategies.hpp"
#include "config/host.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr std::string_view metadata_service_name = "metadata-service";

Token fetch_service_token(AuthContext const& context, CredentialsLimits const& limits) {
  auto request = get_request(context, context.config().metadata_service_url.value_or(""));
  request.headers.emplace_back("X-Databricks-Metadata-Version", "1");
  request.headers.emplace_back("X-Databricks-Host", context.host());
  auto const response = send_for_auth(context,
                                      {.http = std::move(request),
                                       .strategy = metadata_service_name,
                                       .is_direct = true,
                                       .limit = std::chrono::seconds{10}},
                                      limits);
  auto token = read_token(response, context, metadata_service_name, "the metadata service refused");
  if (!token.expiry) {
    refuse_response(response, metadata_service_name, "the metadata service's response has no valid expires_on");
  }
  return token;
}

}  // namespace

std::string why_not_metadata_service(AuthContext const& context) {
  if (auto reason = first_unset(context, {"host", "metadata_service_url"}); !reason.empty()) return reason;
  try {
    auto const service = parse_host(*context.config().metadata_service_url).name;
    if (service == "localhost" || service == "127.0.0.1" || service == "[::1]") return {};
  } catch (ConfigError const&) {
  }
  return "metadata_service_url has to be on localhost";
}

std::shared_ptr<CredentialsStrategy> make_metadata_service(AuthContextPointer context) {
  return make_token_strategy(
      metadata_service_name, context,
      [context](CredentialsLimits const& limits, std::string_view) { return fetch_service_token(*context, limits); },
      false);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
