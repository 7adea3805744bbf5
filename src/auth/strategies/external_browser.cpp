#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <openssl/crypto.h>

#include "auth/auth_http.hpp"
#include "auth/jwt.hpp"
#include "auth/oidc.hpp"
#include "auth/strategies.hpp"
#include "auth/strategies/callback_listener.hpp"
#include "auth/strategies/run_program.hpp"
#include "auth/strategies/token_cache.hpp"
#include "base/after.hpp"
#include "base/ascii.hpp"
#include "base/random.hpp"
#include "base/text/base64.hpp"
#include "base/text/percent.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr std::string_view browser_name = "external-browser";
constexpr auto longest_login = std::chrono::minutes{5};

AuthError login_error(std::string message) {
  return AuthError{std::string{browser_name}, ErrorFacts{.message = std::move(message)}};
}

// A parameter of a query, decoded.
std::string parameter(std::string_view query, std::string_view key) {
  while (!query.empty()) {
    auto const part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    if (part.substr(0, part.find('=')) != key || part.find('=') == std::string_view::npos) continue;
    std::string value{part.substr(key.size() + 1)};
    std::replace(value.begin(), value.end(), '+', ' ');
    return percent_decode(value);
  }
  return {};
}

bool is_same(std::string const& left, std::string const& right) {
  // In constant time: the state is a secret that others may try to guess.
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

// An application of Entra ID logs in at Entra ID, whose endpoint Databricks knows.
bool is_of_entra(Config const& config) {
  return !config.client_id && config.azure_client_id;
}

// The result of the login, from the browser's redirect.
struct Callback {
  std::string code{};
  std::string error{};
};

class BrowserLogin {
 public:
  explicit BrowserLogin(AuthContextPointer context)
      : context_(std::move(context)), cache_(context_->variable("HOME"), key()) {}

  Token fetch(CredentialsLimits const& limits, std::string_view rejected) {
    auto const stored = cache_.load();
    if (stored && is_good(*stored) && stored->access_token != rejected) return *stored;
    endpoints_ = find_endpoints(limits);
    if (stored && !stored->refresh_token.empty()) {
      try {
        return refresh(stored->refresh_token, limits);
      } catch (AuthError const& error) {
        context_->logger.write(LogLevel::info, fmt::format("a new login is needed: {}", error.what()));
      }
    }
    auto token = log_in(limits);
    cache_.save(token);
    return token;
  }

 private:
  std::string client_id() const {
    auto const& config = context_->config();
    if (config.client_id) return *config.client_id;
    return config.azure_client_id.value_or("databricks-cli");
  }

  std::vector<std::string> scopes() const {
    auto scopes = context_->config().scopes;
    if (scopes.empty()) scopes = {"all-apis"};
    if (!context_->config().disable_oauth_refresh_token.value_or(false)) scopes.emplace_back("offline_access");
    return scopes;
  }

  std::string scope_words() const {
    std::string text;
    for (auto const& scope : scopes()) text.append(text.empty() ? "" : " ").append(scope);
    return text;
  }

  LoginKey key() const {
    return {.host = context_->host(),
            .client_id = client_id(),
            .profile = context_->config().profile.value_or(""),
            .scopes = scopes(),
            .group_id = group_id()};
  }

  std::string group_id() const { return context_->config().group_id.value_or(""); }

  bool is_good(Token const& token) const {
    return token.expiry && *token.expiry - context_->clock->system_now() > std::chrono::seconds{40};
  }

  OidcEndpoints find_endpoints(CredentialsLimits const& limits) const {
    if (!is_of_entra(context_->config())) return find_oidc_endpoints(*context_, limits, browser_name);
    auto const response = send_for_auth(
        *context_,
        {.http = get_request(*context_, context_->host() + "/oidc/oauth2/v2.0/authorize"), .strategy = browser_name},
        limits);
    std::string authorize{find_header(response.headers, "Location").value_or("")};
    authorize = authorize.substr(0, authorize.find('?'));
    check_endpoint(*context_, authorize, browser_name);
    auto token = authorize;
    replace_all(token, "/authorize", "/token");
    return {std::move(authorize), std::move(token)};
  }

  Token exchange(FormFields const& fields, std::string const& origin, CredentialsLimits const& limits) const {
    auto request = form_request(*context_, endpoints_.token, fields);
    if (!origin.empty()) request.headers.emplace_back("Origin", origin);
    auto const response = send_for_auth(*context_, {.http = std::move(request), .strategy = browser_name}, limits);
    return read_token(response, *context_, browser_name, "the token endpoint refused");
  }

  Token refresh(std::string const& refresh_token, CredentialsLimits const& limits) const {
    FormFields const fields{{"grant_type", "refresh_token"},
                            {"refresh_token", refresh_token},
                            {"client_id", client_id()},
                            {"client_secret", context_->config().client_secret.value_or("")},
                            {"assume_group", group_id()}};
    bool const is_microsoft = endpoints_.token.find("microsoft") != std::string::npos;
    auto token = exchange(fields, is_microsoft ? "http://localhost:8020" : "", limits);
    if (token.refresh_token.empty()) token.refresh_token = refresh_token;
    cache_.save(token);
    return token;
  }

  Token log_in(CredentialsLimits const& limits) const {
    auto const bounds = within(limits, *context_->clock, longest_login);
    auto const wanted = static_cast<int>(context_->config().oauth_callback_port.value_or(0));
    auto const listener = wanted > 0 ? CallbackListener::open(wanted, wanted) : CallbackListener::open(8020, 8040);
    if (!listener) throw login_error("no port is free for the browser's redirect");
    auto const redirect = fmt::format("http://localhost:{}", listener->port());
    auto const state = base64url(random_bytes(16));
    auto const verifier = base64url(random_bytes(32));
    show(authorize_url(redirect, state, base64url(sha256(verifier))));
    auto const code = wait_for_code(*listener, state, bounds);
    FormFields const fields{
        {"grant_type", "authorization_code"}, {"code", code},
        {"code_verifier", verifier},          {"redirect_uri", redirect},
        {"client_id", client_id()},           {"client_secret", context_->config().client_secret.value_or("")},
        {"assume_group", group_id()}};
    try {
      return exchange(fields, "", bounds);
    } catch (AuthError const& error) {
      // Entra ID needs the origin of an application that is registered as a page.
      if (error.message().find("AADSTS9002327") == std::string::npos) throw;
      return exchange(fields, redirect, bounds);
    }
  }

  std::string authorize_url(std::string const& redirect, std::string const& state, std::string const& challenge) const {
    auto const separator = endpoints_.authorization.find('?') == std::string::npos ? '?' : '&';
    return endpoints_.authorization + separator +
           encode_form({{"response_type", "code"},
                        {"client_id", client_id()},
                        {"redirect_uri", redirect},
                        {"scope", scope_words()},
                        {"state", state},
                        {"code_challenge", challenge},
                        {"code_challenge_method", "S256"},
                        {"assume_group", group_id()}});
  }

  void show(std::string const& url) const {
    if (auto const& open = context_->config().open_browser) {
      open(url);
      return;
    }
#if defined(__APPLE__)
    constexpr char const* opener = "open";
#else
    constexpr char const* opener = "xdg-open";
#endif
    // In any case, because nothing tells whether a browser opens.
    std::fprintf(stderr, "Log in to Databricks on this page:\n%s\n", url.c_str());
    if (auto program = find_program(opener, context_->variable("PATH")); !program.empty()) {
      start_program({std::move(program), url});
    }
  }

  std::string wait_for_code(CallbackListener& listener, std::string const& state,
                            CredentialsLimits const& limits) const {
    Callback callback;
    auto const handle = [&](std::string_view query) -> std::optional<CallbackListener::Page> {
      callback.code = parameter(query, "code");
      callback.error = parameter(query, "error");
      if (callback.code.empty() && callback.error.empty()) return std::nullopt;
      // Another page that sends browsers here must not end the login.
      if (!is_same(parameter(query, "state"), state)) return std::nullopt;
      if (callback.error.empty()) return CallbackListener::Page{200, "You can close this tab."};
      callback.error += ": " + parameter(query, "error_description");
      return CallbackListener::Page{400, callback.error};
    };
    auto const left = time_left(context_->clock->now(), *limits.deadline);
    switch (listener.serve(handle, left, limits.stop)) {
      case CallbackListener::Ending::stopped:
        throw Cancelled{ErrorFacts{.message = "the call was stopped by the caller"}};
      case CallbackListener::Ending::timed_out:
        throw login_error("nobody logged in in time");
      case CallbackListener::Ending::served:
        break;
    }
    if (!callback.error.empty()) throw login_error("the login failed: " + callback.error);
    return callback.code;
  }

  AuthContextPointer const context_;
  TokenCache const cache_;
  OidcEndpoints endpoints_{};  // one fetch at a time
};

}  // namespace

std::string why_not_external_browser(AuthContext const& context) {
  if (!context.is_named(browser_name)) return "it has to be chosen by auth_type";
  if (context.config().group_id && is_of_entra(context.config())) {
    return "a login at Entra ID (azure_client_id) cannot act as a group (group_id); unset azure_client_id";
  }
  return first_unset(context, {"host"});
}

std::shared_ptr<CredentialsStrategy> make_external_browser(AuthContextPointer context) {
  auto login = std::make_shared<BrowserLogin>(context);
  return make_token_strategy(
      browser_name, std::move(context),
      [login](CredentialsLimits const& limits, std::string_view rejected) { return login->fetch(limits, rejected); },
      false);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
