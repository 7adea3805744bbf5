#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lakebase/clock.hpp>
#include <lakebase/credentials.hpp>
#include <lakebase/export.hpp>
#include <lakebase/observer.hpp>
#include <lakebase/transport.hpp>
#include <lakebase/wait_options.hpp>

namespace lakebase {
inline namespace v0 {

class EventObserver;

/// Where the workspace is and who the caller is. Every attribute is optional: what is unset is read from the
/// environment, and then from a profile of `~/.databrickscfg`, as in the other Databricks SDKs. An empty string counts
/// as unset.
///
/// Thread safety: a value: distinct objects are independent. The functions in it may be called from several threads at
/// once.
/// Exceptions: `with_user_agent_extra` throws InvalidArgument; a client that is made of it throws ConfigError.
/// Lifetime: clients copy it, and share ownership of `credentials_strategy`, `transport`, `clock` and `events`.
struct Config {
  /// Workspace URL, e.g. `https://example.cloud.databricks.com`. A missing scheme means https; http is accepted for
  /// loopback addresses only. `DATABRICKS_HOST`.
  std::optional<std::string> host{};
  /// `DATABRICKS_ACCOUNT_ID`.
  std::optional<std::string> account_id{};
  /// Routes calls on a host that serves many workspaces. `DATABRICKS_WORKSPACE_ID`.
  std::optional<std::string> workspace_id{};
  /// Id of a group to act as: the OAuth tokens of Databricks are requested for it. Strategies that cannot do so are
  /// passed over, and refused if `auth_type` names one. `DATABRICKS_GROUP_ID`.
  std::optional<std::string> group_id{};
  /// `AWS`, `AZURE` or `GCP`; default: derived from the host name. `DATABRICKS_CLOUD`.
  std::optional<std::string> cloud{};
  /// URL of the OAuth server's metadata document. `DATABRICKS_DISCOVERY_URL`.
  std::optional<std::string> discovery_url{};
  /// Personal access token (strategy `pat`). `DATABRICKS_TOKEN`. Secret.
  std::optional<std::string> token{};
  /// Audience of the ID token in a token exchange. `DATABRICKS_TOKEN_AUDIENCE`.
  std::optional<std::string> token_audience{};
  /// Name of the variable that holds the ID token (`env-oidc`); default `DATABRICKS_OIDC_TOKEN`.
  /// `DATABRICKS_OIDC_TOKEN_ENV`.
  std::optional<std::string> oidc_token_env{};
  /// File that holds the ID token (`file-oidc`). `DATABRICKS_OIDC_TOKEN_FILEPATH`.
  std::optional<std::string> oidc_token_filepath{};
  /// `basic`. `DATABRICKS_USERNAME`.
  std::optional<std::string> username{};
  /// `basic`. `DATABRICKS_PASSWORD`. Secret.
  std::optional<std::string> password{};
  /// Application id of a service principal (`oauth-m2m`). `DATABRICKS_CLIENT_ID`.
  std::optional<std::string> client_id{};
  /// `oauth-m2m`. `DATABRICKS_CLIENT_SECRET`. Secret.
  std::optional<std::string> client_secret{};
  /// Section of the configuration file. `DATABRICKS_CONFIG_PROFILE`.
  std::optional<std::string> profile{};
  /// Default `~/.databrickscfg`. `DATABRICKS_CONFIG_FILE`.
  std::optional<std::string> config_file{};
  /// `DATABRICKS_GOOGLE_SERVICE_ACCOUNT`.
  std::optional<std::string> google_service_account{};
  /// Path of a service account's key file, or its JSON text. `GOOGLE_CREDENTIALS`. Secret.
  std::optional<std::string> google_credentials{};
  /// `DATABRICKS_AZURE_RESOURCE_ID`.
  std::optional<std::string> azure_workspace_resource_id{};
  /// `ARM_USE_MSI`.
  std::optional<bool> azure_use_msi{};
  /// `ARM_CLIENT_SECRET`. Secret.
  std::optional<std::string> azure_client_secret{};
  /// `ARM_CLIENT_ID`.
  std::optional<std::string> azure_client_id{};
  /// `ARM_TENANT_ID`.
  std::optional<std::string> azure_tenant_id{};
  /// `PUBLIC` (default), `USGOVERNMENT` or `CHINA`. `ARM_ENVIRONMENT`.
  std::optional<std::string> azure_environment{};
  /// Path or name of the Databricks CLI. `DATABRICKS_CLI_PATH`.
  std::optional<std::string> databricks_cli_path{};
  /// Forces one strategy, e.g. `pat`. `DATABRICKS_AUTH_TYPE`.
  std::optional<std::string> auth_type{};
  /// Not used by this library. `DATABRICKS_CLUSTER_ID`.
  std::optional<std::string> cluster_id{};
  /// Not used by this library. `DATABRICKS_WAREHOUSE_ID`.
  std::optional<std::string> warehouse_id{};
  /// Not used by this library. `DATABRICKS_SERVERLESS_COMPUTE_ID`.
  std::optional<std::string> serverless_compute_id{};
  /// Accept any server certificate. For tests; a warning is logged at every start. Default false.
  std::optional<bool> skip_verify{};
  /// Limit of silence on the connection, and at most 30 s of it to connect. Default 60; 0 means the default.
  std::optional<double> http_timeout_seconds{};
  /// Strings in debug logs are cut to this. Default and least 96. `DATABRICKS_DEBUG_TRUNCATE_BYTES`.
  std::optional<std::int64_t> debug_truncate_bytes{};
  /// Show headers in debug logs, secrets redacted. Default false. `DATABRICKS_DEBUG_HEADERS`.
  std::optional<bool> debug_headers{};
  /// Maximum number of requests a second. Default: no limit. `DATABRICKS_RATE_LIMIT`.
  std::optional<std::int64_t> rate_limit{};
  /// The budget of one call with all its attempts. Default 300; 0 means the default; negative is refused.
  std::optional<std::int64_t> retry_timeout_seconds{};
  /// `metadata-service`. `DATABRICKS_METADATA_SERVICE_URL`. Secret.
  std::optional<std::string> metadata_service_url{};
  /// Maximum number of connections in all. Default 20; 0 means the default.
  std::optional<std::int64_t> max_connection_pools{};
  /// Maximum number of connections to one host. Default 20; 0 means the default.
  std::optional<std::int64_t> max_connections_per_pool{};
  /// Refresh tokens only when they have expired. Default false. `DATABRICKS_DISABLE_ASYNC_TOKEN_REFRESH`.
  std::optional<bool> disable_async_token_refresh{};
  /// OAuth scopes. Default `all-apis`.
  std::vector<std::string> scopes{};
  /// JSON, sent as it is when tokens are requested.
  std::optional<std::string> authorization_details{};
  /// Do not ask for a refresh token. Default false. `DATABRICKS_DISABLE_OAUTH_REFRESH_TOKEN`.
  std::optional<bool> disable_oauth_refresh_token{};

  /// Name of the program in the User-Agent, `[0-9A-Za-z_.+-]+`. Default `unknown`.
  std::optional<std::string> product{};
  /// Version of the program, semantic. Default `0.0.0`.
  std::optional<std::string> product_version{};
  /// Further `key/value` parts of the User-Agent; `with_user_agent_extra` checks and adds one.
  std::vector<std::pair<std::string, std::string>> user_agent_extras{};
  /// PEM file of certificate authorities instead of the system's.
  std::optional<std::string> ca_file{};
  /// Folder of certificate authorities, named by their hashes as `openssl rehash` does, instead of the system's.
  std::optional<std::string> ca_dir{};
  /// PEM file of the certificate that this client shows to servers.
  std::optional<std::string> client_certificate{};
  /// PEM file of its key; default: the same file.
  std::optional<std::string> client_key{};
  /// What the key file is encrypted with. Secret.
  std::optional<std::string> client_key_password{};
  /// Proxy for all requests, e.g. `http://proxy:3128`, instead of `HTTPS_PROXY` and `HTTP_PROXY`.
  std::optional<std::string> proxy{};
  /// Hosts that are reached without a proxy, separated by commas, instead of `NO_PROXY`.
  std::optional<std::string> no_proxy{};
  /// The largest response that is accepted, after decompression. Default 256 MiB; 0 means the default.
  std::optional<std::int64_t> max_response_bytes{};
  /// Accept http for a host that is not this machine. Tokens then travel in the clear. Default false.
  std::optional<bool> allow_plain_http{};
  /// Request the host's metadata if OAuth needs it. Default true.
  std::optional<bool> use_host_metadata{};
  /// The port that the browser is sent back to (`external-browser`); default: the first free one of 8020 to 8040.
  std::optional<std::int64_t> oauth_callback_port{};
  /// Shows a URL to the user instead of starting a browser (`external-browser`).
  std::function<void(std::string const& url)> open_browser{};
  /// Receives log lines of `log_level` and above. Default: `log_to_stderr()` with the level that the variable
  /// `LAKEBASE_LOG` names (`error`, `warn`, `info` or `debug`); none are written if that is unset, too.
  LogSink log{};
  /// Default: warnings and errors. `LogLevel::debug` shows requests and responses, secrets redacted.
  LogLevel log_level = LogLevel::warning;
  /// Receives each attempt of each call.
  CallObserver observer{};
  /// Is told of what clients, operations, and databases that are reached through them do: for traces, metrics and logs;
  /// see `<lakebase/events.hpp>`. Default: none, at no cost.
  std::shared_ptr<EventObserver> events{};
  /// Sent with each request.
  Headers custom_headers{};
  /// Defaults of waits for the client's operations. Default: no timeout, at the pace that WaitOptions describes.
  WaitOptions wait{};
  /// The port of the workspace's databases, if it is not the one of Lakebase: an emulator's. Stands in for `PGPORT`;
  /// `pq::SourceOptions::port` takes precedence. Default: not known, so that `PGPORT` and 5432 apply.
  std::optional<std::uint16_t> postgres_port{};
  /// PEM file of the authorities that sign the certificates of the workspace's databases, if they are not public ones:
  /// an emulator's. Stands in for `PGSSLROOTCERT`; `pq::SourceOptions::sslrootcert` takes precedence. Default: not
  /// known, so that they are found as `pq::ConnectionParameters::sslrootcert` says.
  std::optional<std::string> postgres_root_certificates{};
  /// Instead of the strategies above.
  std::shared_ptr<CredentialsStrategy> credentials_strategy{};
  /// Instead of libcurl.
  std::shared_ptr<Transport> transport{};
  /// Instead of the machine's clock.
  std::shared_ptr<Clock> clock{};
  /// Instead of the process environment: the value of a variable, or none.
  std::function<std::optional<std::string>(std::string_view name)> environment{};

  /// Adds `key/value` to the User-Agent; a pair that is already there is not added again.
  /// @throws InvalidArgument if the key is not `[0-9A-Za-z_.+-]+`, or the value neither that nor a semantic version
  LAKEBASE_EXPORT Config& with_user_agent_extra(std::string key, std::string value);
};

}  // namespace v0
}  // namespace lakebase
