#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lakebase/error.hpp>

#include "auth/auth_context.hpp"
#include "auth/token_source.hpp"
#include "base/json_text.hpp"

// Requests that get tokens: to the workspace's OAuth server, to clouds, to services on this machine.

namespace lakebase {
inline namespace v0 {
namespace detail {

using FormFields = std::vector<std::pair<std::string_view, std::string>>;

struct AuthRequest {
  HttpRequest http{};
  /// For messages.
  std::string_view strategy{};
  /// Never through a proxy.
  bool is_direct = false;
  /// The limit of the whole exchange with all its attempts; unset: 60 s.
  std::optional<std::chrono::nanoseconds> limit{};
  std::optional<std::chrono::nanoseconds> connect_limit{};
  bool may_retry = true;
};

/// Sends, and retries transient failures (429, 502, 503, 504, faults of the transport) within the time. Follows no
/// redirects.
/// @throws AuthError if no response came; Cancelled
HttpResponse send_for_auth(AuthContext const& context, AuthRequest const& request, CredentialsLimits const& limits);

/// `application/x-www-form-urlencoded`; fields with empty values are left out.
std::string encode_form(FormFields const& fields);
HttpRequest form_request(AuthContext const& context, std::string url, FormFields const& fields);
HttpRequest get_request(AuthContext const& context, std::string url);
/// `Basic …`.
std::string basic_authorization(std::string_view user, std::string_view password);

/// The JSON of a response of status 200 to 299.
/// @throws AuthError with the server's own message otherwise
Json read_response(HttpResponse const& response, std::string_view strategy, std::string_view what);

/// Throws AuthError for a response that is JSON but lacks what was requested.
[[noreturn]] void refuse_response(HttpResponse const& response, std::string_view strategy, std::string message);

/// A token from `access_token`, `token_type`, `expires_in`, `expires_on`, `refresh_token`.
/// @throws AuthError if there is none
Token read_token(HttpResponse const& response, AuthContext const& context, std::string_view strategy,
                 std::string_view what);

/// Throws AuthError unless the URL is https, or http on this machine: tokens do not travel in the clear.
void check_endpoint(AuthContext const& context, std::string_view url, std::string_view strategy);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
