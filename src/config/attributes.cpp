#include "config/attributes.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "base/ascii.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using Text = std::optional<std::string> Config::*;

constexpr Attribute table[] = {
    {.name = "host", .member = &Config::host, .variables = {"DATABRICKS_HOST"}, .is_trimmed = true},
    {.name = "account_id", .member = &Config::account_id, .variables = {"DATABRICKS_ACCOUNT_ID"}, .is_trimmed = true},
    {.name = "workspace_id",
     .member = &Config::workspace_id,
     .variables = {"DATABRICKS_WORKSPACE_ID"},
     .is_trimmed = true},
    {.name = "group_id", .member = &Config::group_id, .variables = {"DATABRICKS_GROUP_ID"}, .is_trimmed = true},
    {.name = "cloud", .member = &Config::cloud, .variables = {"DATABRICKS_CLOUD"}, .is_trimmed = true},
    {.name = "discovery_url",
     .member = &Config::discovery_url,
     .variables = {"DATABRICKS_DISCOVERY_URL"},
     .is_trimmed = true},
    {.name = "token",
     .member = &Config::token,
     .variables = {"DATABRICKS_TOKEN"},
     .group = "pat",
     .is_secret = true,
     .is_trimmed = true},
    {.name = "token_audience",
     .member = &Config::token_audience,
     .variables = {"DATABRICKS_TOKEN_AUDIENCE", "TOKEN_AUDIENCE"},
     .other_key = "audience",
     .is_trimmed = true},
    {.name = "oidc_token_env",
     .member = &Config::oidc_token_env,
     .variables = {"DATABRICKS_OIDC_TOKEN_ENV"},
     .group = "env-oidc"},
    {.name = "oidc_token_filepath",
     .member = &Config::oidc_token_filepath,
     .variables = {"DATABRICKS_OIDC_TOKEN_FILEPATH", "DATABRICKS_OIDC_TOKEN_FILE"},
     .other_key = "databricks_id_token_filepath",
     .group = "file-oidc"},
    {.name = "username", .member = &Config::username, .variables = {"DATABRICKS_USERNAME"}, .group = "basic"},
    {.name = "password",
     .member = &Config::password,
     .variables = {"DATABRICKS_PASSWORD"},
     .group = "basic",
     .is_secret = true},
    {.name = "client_id",
     .member = &Config::client_id,
     .variables = {"DATABRICKS_CLIENT_ID"},
     .group = "oauth",
     .is_trimmed = true},
    {.name = "client_secret",
     .member = &Config::client_secret,
     .variables = {"DATABRICKS_CLIENT_SECRET"},
     .group = "oauth",
     .is_secret = true,
     .is_trimmed = true},
    {.name = "profile", .member = &Config::profile, .variables = {"DATABRICKS_CONFIG_PROFILE"}, .is_trimmed = true},
    {.name = "config_file", .member = &Config::config_file, .variables = {"DATABRICKS_CONFIG_FILE"}},
    {.name = "google_service_account",
     .member = &Config::google_service_account,
     .variables = {"DATABRICKS_GOOGLE_SERVICE_ACCOUNT"},
     .group = "google",
     .is_trimmed = true},
    {.name = "google_credentials",
     .member = &Config::google_credentials,
     .variables = {"GOOGLE_CREDENTIALS"},
     .group = "google",
     .is_secret = true},
    {.name = "azure_workspace_resource_id",
     .member = &Config::azure_workspace_resource_id,
     .variables = {"DATABRICKS_AZURE_RESOURCE_ID"},
     .group = "azure",
     .is_trimmed = true},
    {.name = "azure_use_msi", .member = &Config::azure_use_msi, .variables = {"ARM_USE_MSI"}, .group = "azure"},
    {.name = "azure_client_secret",
     .member = &Config::azure_client_secret,
     .variables = {"ARM_CLIENT_SECRET"},
     .group = "azure",
     .is_secret = true,
     .is_trimmed = true},
    {.name = "azure_client_id",
     .member = &Config::azure_client_id,
     .variables = {"ARM_CLIENT_ID"},
     .group = "azure",
     .is_trimmed = true},
    {.name = "azure_tenant_id",
     .member = &Config::azure_tenant_id,
     .variables = {"ARM_TENANT_ID"},
     .group = "azure",
     .is_trimmed = true},
    {.name = "azure_environment",
     .member = &Config::azure_environment,
     .variables = {"ARM_ENVIRONMENT"},
     .is_trimmed = true},
    {.name = "databricks_cli_path", .member = &Config::databricks_cli_path, .variables = {"DATABRICKS_CLI_PATH"}},
    {.name = "auth_type", .member = &Config::auth_type, .variables = {"DATABRICKS_AUTH_TYPE"}, .is_trimmed = true},
    {.name = "cluster_id", .member = &Config::cluster_id, .variables = {"DATABRICKS_CLUSTER_ID"}},
    {.name = "warehouse_id", .member = &Config::warehouse_id, .variables = {"DATABRICKS_WAREHOUSE_ID"}},
    {.name = "serverless_compute_id",
     .member = &Config::serverless_compute_id,
     .variables = {"DATABRICKS_SERVERLESS_COMPUTE_ID"}},
    {.name = "skip_verify", .member = &Config::skip_verify},
    {.name = "http_timeout_seconds", .member = &Config::http_timeout_seconds},
    {.name = "debug_truncate_bytes",
     .member = &Config::debug_truncate_bytes,
     .variables = {"DATABRICKS_DEBUG_TRUNCATE_BYTES"}},
    {.name = "debug_headers", .member = &Config::debug_headers, .variables = {"DATABRICKS_DEBUG_HEADERS"}},
    {.name = "rate_limit", .member = &Config::rate_limit, .variables = {"DATABRICKS_RATE_LIMIT"}},
    {.name = "retry_timeout_seconds", .member = &Config::retry_timeout_seconds},
    {.name = "metadata_service_url",
     .member = &Config::metadata_service_url,
     .variables = {"DATABRICKS_METADATA_SERVICE_URL"},
     .group = "metadata-service",
     .is_secret = true,
     .is_trimmed = true},
    {.name = "max_connection_pools", .member = &Config::max_connection_pools},
    {.name = "max_connections_per_pool", .member = &Config::max_connections_per_pool},
    {.name = "disable_async_token_refresh",
     .member = &Config::disable_async_token_refresh,
     .variables = {"DATABRICKS_DISABLE_ASYNC_TOKEN_REFRESH"}},
    {.name = "scopes", .member = &Config::scopes},
    {.name = "authorization_details", .member = &Config::authorization_details},
    {.name = "disable_oauth_refresh_token",
     .member = &Config::disable_oauth_refresh_token,
     .variables = {"DATABRICKS_DISABLE_OAUTH_REFRESH_TOKEN"}},
    {.name = "oauth_callback_port",
     .member = &Config::oauth_callback_port,
     .variables = {"DATABRICKS_OAUTH_CALLBACK_PORT"}},
};

[[noreturn]] void refuse(Attribute const& attribute, std::string_view source, std::string_view wanted) {
  throw ConfigError{fmt::format("{}: {} has to be {}", source, attribute.name, wanted)};
}

bool read_bool(Attribute const& attribute, std::string_view text, std::string_view source) {
  for (std::string_view const word : {"1", "t", "true", "yes", "y", "on"}) {
    if (equal_ignoring_case(text, word)) return true;
  }
  for (std::string_view const word : {"0", "f", "false", "no", "n", "off"}) {
    if (equal_ignoring_case(text, word)) return false;
  }
  refuse(attribute, source, "true or false");
}

template <class Number>
Number read_number(Attribute const& attribute, std::string_view text, std::string_view source,
                   std::string_view wanted) {
  Number value{};
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) refuse(attribute, source, wanted);
  if constexpr (std::is_floating_point_v<Number>) {
    if (!std::isfinite(value) || value < 0) refuse(attribute, source, wanted);
  }
  return value;
}

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace

std::span<Attribute const> attributes() {
  return table;
}

bool is_set(Config const& config, Attribute const& attribute) {
  return std::visit(Overloaded{[&](Text member) { return (config.*member).has_value() && !(config.*member)->empty(); },
                               [&](std::vector<std::string> Config::*member) { return !(config.*member).empty(); },
                               [&](auto member) { return (config.*member).has_value(); }},
                    attribute.member);
}

std::string value_text(Config const& config, Attribute const& attribute) {
  if (!is_set(config, attribute)) return {};
  return std::visit(Overloaded{[&](Text member) { return *(config.*member); },
                               [&](std::vector<std::string> Config::*member) {
                                 std::string text;
                                 for (auto const& word : config.*member)
                                   text.append(text.empty() ? "" : ",").append(word);
                                 return text;
                               },
                               [&](auto member) { return fmt::format("{}", *(config.*member)); }},
                    attribute.member);
}

void set_value(Config& config, Attribute const& attribute, std::string_view text, std::string_view source) {
  auto const trimmed = trim(text);
  std::visit(
      Overloaded{[&](Text member) { config.*member = std::string{attribute.is_trimmed ? trimmed : text}; },
                 [&](std::optional<bool> Config::*member) { config.*member = read_bool(attribute, trimmed, source); },
                 [&](std::optional<std::int64_t> Config::*member) {
                   config.*member = read_number<std::int64_t>(attribute, trimmed, source, "a whole number");
                 },
                 [&](std::optional<double> Config::*member) {
                   config.*member = read_number<double>(attribute, trimmed, source, "a number of seconds");
                 },
                 [&](std::vector<std::string> Config::*member) { config.*member = split_list(text); }},
      attribute.member);
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  auto const finish = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (char const c : text) {
    if (c == ',' || is_space(c)) {
      finish();
    } else {
      word += c;
    }
  }
  finish();
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
