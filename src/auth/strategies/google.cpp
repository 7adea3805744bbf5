#include <filesystem>

#include <fmt/format.h>

#include <lakebase/time.hpp>

#include "auth/auth_http.hpp"
#include "auth/jwt.hpp"
#include "auth/strategies.hpp"
#include "base/after.hpp"
#include "base/text_file.hpp"
#include "config/cloud.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr std::string_view credentials_name = "google-credentials";
constexpr std::string_view id_name = "google-id";
constexpr std::string_view scopes =
    "https://www.googleapis.com/auth/cloud-platform https://www.googleapis.com/auth/compute";

AuthError failure(std::string_view strategy, std::string message) {
  return AuthError{std::string{strategy}, ErrorFacts{.message = std::move(message)}};
}

bool is_file(std::string const& path) {
  std::error_code error;
  return path.size() < 4096 && std::filesystem::is_regular_file(path, error);
}

// Requests a token with a JWT that a service account's key signs. `aim` is `target_audience` for an ID token, or
// `scope` for an access token.
HttpResponse ask_with_key(AuthContext const& context, Json const& key, char const* aim, std::string_view value,
                          CredentialsLimits const& limits, std::string_view strategy) {
  auto const now = std::chrono::duration_cast<std::chrono::seconds>(context.clock->system_now().time_since_epoch());
  auto const token_uri = [&] {
    auto uri = text_of(key, "token_uri");
    return uri.empty() ? std::string{"https://oauth2.googleapis.com/token"} : uri;
  }();
  Json const header{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", text_of(key, "private_key_id")}};
  Json const claims{{"iss", text_of(key, "client_email")},
                    {"aud", "https://oauth2.googleapis.com/token"},
                    {"iat", now.count()},
                    {"exp", now.count() + 3600},
                    {aim, value}};
  auto const assertion = sign_jwt(header, claims, text_of(key, "private_key"));
  if (assertion.empty()) throw failure(strategy, "the private key of the service account is not usable");
  check_endpoint(context, token_uri, strategy);
  auto request = form_request(
      context, token_uri, {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}, {"assertion", assertion}});
  return send_for_auth(context, {.http = std::move(request), .strategy = strategy}, limits);
}

std::optional<std::chrono::system_clock::time_point> expiry_of(std::string const& jwt) {
  auto const expiry = number_of(jwt_claims(jwt), "exp");
  return expiry ? std::optional{time_from_epoch(*expiry)} : std::nullopt;
}

// Two tokens: an ID token for Databricks, and an access token by which it may look at the Google project. Only the ID
// token is always needed.
class GoogleStrategy final : public CredentialsStrategy {
 public:
  using Fetch = std::function<Token(CredentialsLimits const&)>;

  GoogleStrategy(std::string_view name, AuthContextPointer context, Fetch id, Fetch access)
      : name_(name),
        context_(std::move(context)),
        id_(source(std::move(id), !context_->config().disable_async_token_refresh.value_or(false))),
        access_(source(std::move(access), false)) {}

  std::string_view name() const noexcept override { return name_; }

  Headers headers(CredentialsLimits const& limits) override {
    Headers headers{{"Authorization", "Bearer " + id_.token(limits)->access_token}};
    try {
      headers.emplace_back("X-Databricks-GCP-SA-Access-Token", access_.token(limits)->access_token);
    } catch (AuthError const& error) {
      context_->logger.write(LogLevel::warning, error.what());
    }
    return headers;
  }

  bool invalidate(Headers const& refused) override {
    auto const value = find_header(refused, "Authorization").value_or("");
    auto const space = value.find(' ');
    if (auto const access = find_header(refused, "X-Databricks-GCP-SA-Access-Token")) access_.invalidate(*access);
    return id_.invalidate(space == std::string_view::npos ? value : value.substr(space + 1));
  }

 private:
  TokenSource source(Fetch fetch, bool refresh_early) const {
    auto fetch_any = [fetch = std::move(fetch)](CredentialsLimits const& limits, std::string_view) {
      return fetch(limits);
    };
    return TokenSource{watched(*context_, name_, std::move(fetch_any)), context_->clock, refresh_early};
  }

  std::string_view const name_;
  AuthContextPointer const context_;
  TokenSource id_;
  TokenSource access_;
};

std::string why_not_google(AuthContext const& context, std::string_view strategy) {
  if (context.is_named(strategy) || cloud_of(context.config(), context.host_name()) == Cloud::gcp) return {};
  return "the host is not on Google Cloud";
}

// --- google-credentials ---

Json service_account_key(AuthContext const& context) {
  auto const value = context.config().google_credentials.value_or("");
  auto json = parse_json(is_file(value) ? read_text_file(value).value_or("") : value);
  if (json.is_object()) return json;
  throw failure(credentials_name, "google_credentials is neither a file nor the JSON of a service account's key");
}

Token id_token_by_key(AuthContext const& context, CredentialsLimits const& limits) {
  auto const response =
      ask_with_key(context, service_account_key(context), "target_audience", context.host(), limits, credentials_name);
  Token token{.access_token = text_of(read_response(response, credentials_name, "Google refused"), "id_token")};
  if (token.access_token.empty()) refuse_response(response, credentials_name, "Google sent no ID token");
  token.expiry = expiry_of(token.access_token);
  return token;
}

Token access_token_by_key(AuthContext const& context, CredentialsLimits const& limits) {
  auto const response = ask_with_key(context, service_account_key(context), "scope", scopes, limits, credentials_name);
  return read_token(response, context, credentials_name, "Google refused");
}

// --- google-id: the machine's own identity impersonates a service account ---

std::string default_credentials_file(AuthContext const& context) {
  if (auto path = context.variable("GOOGLE_APPLICATION_CREDENTIALS"); !path.empty()) return path;
  auto folder = context.variable("CLOUDSDK_CONFIG");
  if (folder.empty()) folder = context.variable("HOME") + "/.config/gcloud";
  auto path = folder + "/application_default_credentials.json";
  return is_file(path) ? path : std::string{};
}

Token token_of_machine(AuthContext const& context, CredentialsLimits const& limits) {
  auto request = get_request(
      context, "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token");
  request.headers.emplace_back("Metadata-Flavor", "Google");
  auto const response = send_for_auth(context,
                                      {.http = std::move(request),
                                       .strategy = id_name,
                                       .is_direct = true,
                                       .limit = std::chrono::seconds{10},
                                       .connect_limit = std::chrono::seconds{3}},
                                      limits);
  return read_token(response, context, id_name, "the metadata server refused");
}

Token token_of_caller(AuthContext const& context, CredentialsLimits const& limits) {
  auto const path = default_credentials_file(context);
  if (path.empty()) return token_of_machine(context, limits);
  auto const json = parse_json(read_text_file(path).value_or(""));
  auto const type = text_of(json, "type");
  if (type == "service_account") {
    return read_token(ask_with_key(context, json, "scope", scopes, limits, id_name), context, id_name,
                      "Google refused");
  }
  if (type != "authorized_user") {
    throw failure(id_name, fmt::format("{} is of an unsupported type: use a service account or `gcloud auth "
                                       "application-default login`",
                                       path));
  }
  auto request = form_request(context, "https://oauth2.googleapis.com/token",
                              {{"grant_type", "refresh_token"},
                               {"client_id", text_of(json, "client_id")},
                               {"client_secret", text_of(json, "client_secret")},
                               {"refresh_token", text_of(json, "refresh_token")}});
  auto const response = send_for_auth(context, {.http = std::move(request), .strategy = id_name}, limits);
  return read_token(response, context, id_name, "Google refused");
}

// Requests a token, which comes in the member `key`.
Json impersonate(AuthContext const& context, char const* key, std::string_view method, Json const& body,
                 CredentialsLimits const& limits) {
  auto const caller = token_of_caller(context, limits);
  HttpRequest request{.method = "POST",
                      .url = fmt::format("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{}:{}",
                                         context.config().google_service_account.value_or(""), method),
                      .headers = {{"Accept", "application/json"},
                                  {"Content-Type", "application/json"},
                                  {"User-Agent", context.user_agent},
                                  {"Authorization", caller.authorization()}},
                      .body = dump(body)};
  auto const response = send_for_auth(context, {.http = std::move(request), .strategy = id_name}, limits);
  auto json = read_response(response, id_name, "Google refused to act as the service account");
  if (text_of(json, key).empty()) refuse_response(response, id_name, fmt::format("Google sent no {}", key));
  return json;
}

Token id_token_by_account(AuthContext const& context, CredentialsLimits const& limits) {
  Json const body{{"audience", context.host()}, {"delegates", Json::array()}, {"includeEmail", true}};
  Token token{.access_token = text_of(impersonate(context, "token", "generateIdToken", body, limits), "token")};
  token.expiry = expiry_of(token.access_token);
  return token;
}

Token access_token_by_account(AuthContext const& context, CredentialsLimits const& limits) {
  auto const space = scopes.find(' ');
  Json const body{{"delegates", Json::array()},
                  {"scope", {scopes.substr(0, space), scopes.substr(space + 1)}},
                  {"lifetime", "3600s"}};
  auto const json = impersonate(context, "accessToken", "generateAccessToken", body, limits);
  Token token{.access_token = text_of(json, "accessToken")};
  try {
    token.expiry = time_from_epoch(static_cast<double>(Timestamp::parse(text_of(json, "expireTime")).seconds()));
  } catch (Error const&) {
    token.expiry = context.clock->system_now() + std::chrono::hours{1};
  }
  return token;
}

template <class Fetch>
GoogleStrategy::Fetch with_context(AuthContextPointer context, Fetch fetch) {
  return [context = std::move(context), fetch](CredentialsLimits const& limits) { return fetch(*context, limits); };
}

}  // namespace

std::string why_not_google_credentials(AuthContext const& context) {
  auto reason = first_unset(context, {"host", "google_credentials"});
  return reason.empty() ? why_not_google(context, credentials_name) : reason;
}

std::shared_ptr<CredentialsStrategy> make_google_credentials(AuthContextPointer context) {
  return std::make_shared<GoogleStrategy>(credentials_name, context, with_context(context, id_token_by_key),
                                          with_context(context, access_token_by_key));
}

std::string why_not_google_id(AuthContext const& context) {
  auto reason = first_unset(context, {"host", "google_service_account"});
  return reason.empty() ? why_not_google(context, id_name) : reason;
}

std::shared_ptr<CredentialsStrategy> make_google_id(AuthContextPointer context) {
  return std::make_shared<GoogleStrategy>(id_name, context, with_context(context, id_token_by_account),
                                          with_context(context, access_token_by_account));
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
