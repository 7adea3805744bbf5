#include "call/session.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "auth/strategies.hpp"
#include "base/after.hpp"
#include "base/text/url.hpp"
#include "config/attributes.hpp"
#include "config/log.hpp"
#include "config/proxy.hpp"
#include "http/curl_transport.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

// The value of the first variable that is set, and that variable's name.
struct Setting {
  std::string value{};
  std::string source{};
};

Setting first_setting(Config const& config, std::initializer_list<std::string_view> names) {
  for (auto const name : names) {
    if (auto value = config.environment(name); value && !value->empty()) return {*std::move(value), std::string{name}};
  }
  return {};
}

std::string first_variable(Config const& config, std::initializer_list<std::string_view> names) {
  return first_setting(config, names).value;
}

struct Proxies {
  Setting https{};
  Setting http{};
};

// Upper-case HTTP_PROXY can be set by a web client if the program is a CGI script.
Proxies proxies_of(Config const& config) {
  if (config.proxy) return {{*config.proxy, "Config::proxy"}, {*config.proxy, "Config::proxy"}};
  bool const is_cgi = config.environment("REQUEST_METHOD").has_value();
  Proxies proxies{first_setting(config, {"https_proxy", "HTTPS_PROXY"}),
                  is_cgi ? first_setting(config, {"http_proxy"}) : first_setting(config, {"http_proxy", "HTTP_PROXY"})};
  auto const all = first_setting(config, {"all_proxy", "ALL_PROXY"});
  if (proxies.https.value.empty()) proxies.https = all;
  if (proxies.http.value.empty()) proxies.http = all;
  return proxies;
}

template <class Number>
std::size_t positive_or(std::optional<Number> value, std::size_t otherwise) {
  return value.value_or(0) > 0 ? static_cast<std::size_t>(*value) : otherwise;
}

CurlOptions curl_options(ResolvedConfig const& resolved) {
  auto const& config = resolved.values;
  CurlOptions options;
  bool const names_authorities = config.ca_file || config.ca_dir;
  options.ca_file =
      names_authorities ? config.ca_file.value_or("") : first_variable(config, {"CURL_CA_BUNDLE", "SSL_CERT_FILE"});
  options.ca_dir = names_authorities ? config.ca_dir.value_or("") : first_variable(config, {"SSL_CERT_DIR"});
  options.client_certificate = config.client_certificate.value_or("");
  options.client_key = config.client_key.value_or("");
  options.client_key_password = config.client_key_password.value_or("");
  options.skip_verify = config.skip_verify.value_or(false);
  options.max_connections = positive_or(config.max_connection_pools, options.max_connections);
  options.max_connections_per_host = positive_or(config.max_connections_per_pool, options.max_connections_per_host);
  options.max_response_bytes = positive_or(config.max_response_bytes, options.max_response_bytes);
  options.no_proxy = config.no_proxy.value_or(config.proxy ? "" : first_variable(config, {"no_proxy", "NO_PROXY"}));
  // A proxy elsewhere cannot reach this machine's loopback, unless the program says so.
  if (!config.proxy && is_loopback(resolved.host.name)) return options;
  auto const proxies = proxies_of(config);
  for (auto const& proxy : {proxies.https, proxies.http}) check_proxy(proxy.value, proxy.source);
  options.https_proxy = proxies.https.value;
  options.http_proxy = proxies.http.value;
  return options;
}

Secrets secrets_of(Config const& config) {
  Secrets secrets;
  for (auto const& attribute : attributes()) {
    if (attribute.is_secret) secrets.add(value_text(config, attribute));
  }
  if (config.client_key_password) secrets.add(*config.client_key_password);
  auto const proxies = proxies_of(config);
  for (auto const& proxy : {proxies.https, proxies.http}) {
    for (auto const& secret : secrets_of_proxy(proxy.value)) secrets.add(secret);
  }
  return secrets;
}

void check_host(ResolvedConfig const& resolved) {
  auto const& config = resolved.values;
  if (!config.host) return;
  bool const is_plain = resolved.host.scheme == "http";
  if (is_plain && !is_loopback(resolved.host.name) && !config.allow_plain_http.value_or(false)) {
    throw ConfigError{ErrorFacts{
        .message = fmt::format("the host {} is plain http, and tokens would travel in the clear", *config.host),
        .hint = "Use https; http is for this machine only, unless allow_plain_http is set."}};
  }
  if (is_account_host(*config.host)) {
    throw ConfigError{ErrorFacts{
        .message = fmt::format("{} is the console of an account; Lakebase belongs to a workspace", *config.host),
        .hint = "Use the URL of the workspace, e.g. https://example.cloud.databricks.com."}};
  }
}

void warn(AuthContext const& context, ResolvedConfig const& resolved) {
  for (auto const& note : resolved.notes) context.logger.write(LogLevel::debug, note);
  for (auto const& warning : resolved.warnings) context.logger.write(LogLevel::warning, warning);
  if (!resolved.values.skip_verify.value_or(false)) return;
  constexpr char const* text = "lakebase: skip_verify is set: the server's certificate is NOT checked";
  // Written even if the program has no log.
  if (resolved.values.log) {
    context.logger.write(LogLevel::warning, text);
  } else {
    std::fprintf(stderr, "%s\n", text);
  }
}

std::shared_ptr<AuthContext const> make_context(Config const& config) {
  auto context = std::make_shared<AuthContext>();
  context->resolved = resolve_config(config);
  take_log(context->resolved.values);
  auto const& values = context->resolved.values;
  check_host(context->resolved);
  context->logger = Logger{values.log, values.log_level, secrets_of(values)};
  context->clock = values.clock ? values.clock : make_system_clock();
  if (values.transport) {
    context->transport = context->direct_transport = values.transport;
  } else {
    auto options = curl_options(context->resolved);
    context->transport = make_curl_transport(options);
    options.http_proxy.clear();
    options.https_proxy.clear();
    context->direct_transport = make_curl_transport(std::move(options));
    // Facts hold times, so only clients of the system's clock share them.
    if (!values.clock) context->facts = shared_host_facts();
  }
  context->user_agent = UserAgent{values}.base();
  warn(*context, context->resolved);
  return context;
}

std::shared_ptr<CredentialsStrategy> choose_credentials(std::shared_ptr<AuthContext const> const& context) {
  if (auto const& own = context->config().credentials_strategy) {
    if (context->config().host) return own;
    throw ConfigError{fmt::format("host is not set. {}", context->resolved.places_text())};
  }
  check_credentials_possible(*context);
  return make_default_credentials(context);
}

}  // namespace

Session::Session(Config const& config)
    : context_(make_context(config)),
      user_agent_(context_->config()),
      credentials_(choose_credentials(context_)),
      rate_limiter_(context_->config().rate_limit.value_or(0), context_->clock) {}

std::chrono::nanoseconds call_budget(Config const& config) {
  auto const seconds = config.retry_timeout_seconds.value_or(0);
  constexpr std::int64_t longest = longest_single_wait / std::chrono::seconds{1};
  return std::chrono::seconds{seconds > 0 ? std::min<std::int64_t>(seconds, longest) : 300};
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
