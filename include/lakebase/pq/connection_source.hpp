#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <lakebase/clock.hpp>
#include <lakebase/pq/connection_parameters.hpp>
#include <lakebase/pq/credential_provider.hpp>
#include <lakebase/pq/export.hpp>
#include <lakebase/workspace_client.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// What the service reports about an endpoint or an instance that did not accept a connection.
enum class EndpointState {
  there,     ///< It exists and accepts connections.
  disabled,  ///< It exists, but connections do not wake it.
  gone,      ///< It was deleted, or its branch or project was.
  stopped,   ///< It is an instance, and stopped: connections do not start it.
};

/// Asks the service about an endpoint or an instance, within a time and until a stop request.
/// @throws what a call of the client does
using AskEndpoint = std::function<EndpointState(std::chrono::nanoseconds timeout, std::stop_token stop)>;

/// Asks the service whether an endpoint runs, so that a connection would wake nothing, within a time and until a stop
/// request.
/// @throws what a call of the client does: NotFound if there is no such endpoint any more
using AskRunning = std::function<bool(std::chrono::nanoseconds timeout, std::stop_token stop)>;

/// Where to connect, and with what: all that `connect` and `ConnectionPool` need. Cheap enough to copy.
struct ConnectionSource {
  /// Where to connect, and as whom.
  ConnectionParameters parameters{};
  /// Gives the password of each new connection.
  std::shared_ptr<DatabaseCredentialProvider> credentials{};
  /// For connections and pools whose options name no clock: the client's, if a client made this. Unset: the machine's.
  std::shared_ptr<Clock> clock{};
  /// Called once per `connect` if no server responds at the host. Unset: not called.
  AskEndpoint ask_endpoint{};
  /// Called by a Listener that is not to wake the endpoint. Unset: not known.
  AskRunning ask_running{};
  /// Is told of what connections and pools made of this do; see `<lakebase/events.hpp>`. The client's
  /// (`Config::events`), if a client made this. Unset: nobody is told, at no cost.
  std::shared_ptr<EventObserver> events{};
};

/// What a connection is for.
enum class Intent {
  read_write,
  read_only,  ///< May be served by a replica, which lags behind.
};

/// How a connection source is made. What is unset is looked up.
struct SourceOptions {
  /// Which of the endpoint's hosts to use.
  Intent intent = Intent::read_write;
  /// Connect through the pooler, which accepts native passwords of PostgreSQL only: set `password` as well.
  bool pooled = false;
  /// Name in SQL; default `PGDATABASE`, then `databricks_postgres`.
  std::optional<std::string> dbname{};
  /// Default: the group if one is given, `PGUSER`, the client id of the configuration, the current user.
  std::optional<std::string> user{};
  /// Default: `Config::postgres_port` of the client, `PGPORT`, then 5432.
  std::optional<std::uint16_t> port{};
  /// Default verify_full, even if `PGSSLMODE` says `require`, as Databricks Apps set it; `verify-ca` is accepted.
  std::optional<SslMode> sslmode{};
  /// File of the trusted authorities. Default: `Config::postgres_root_certificates` of the client, else found as
  /// `ConnectionParameters::sslrootcert` says.
  std::optional<std::string> sslrootcert{};
  /// Default `PGAPPNAME`, then the name of this library.
  std::optional<std::string> application_name{};
  /// Password of PostgreSQL's own. Default: tokens.
  std::optional<std::string> password{};
  /// For tokens. Those of an instance have no `group_name` and no `ttl`.
  EndpointCredentialOptions credentials{};
  /// Instead of the process environment: the value of a variable, or none.
  std::function<std::optional<std::string>(std::string_view name)> environment{};
};

/// The connection source of an endpoint, a branch or a project (`projects/p/branches/b/endpoints/e` or the first part
/// of that), or of an instance (`my-instance`). If a part is left out, the only candidate is taken; several are an
/// error that lists them. Requests what it needs from the service: the endpoint or the instance, and the current user
/// if nothing else names the user. With Intent::read_only an instance's readable secondaries are taken, if it has any.
/// @throws ConfigError if there is no candidate or there are several, the endpoint is disabled, the instance is
/// stopped,
///         it has no host of the requested kind, a pooled host is to be used with tokens or of an instance, or
///         `credentials` has what tokens of an instance do not have; and what the calls throw
[[nodiscard]] LAKEBASE_PQ_EXPORT ConnectionSource source_for(WorkspaceClient const& client, std::string_view target,
                                                             SourceOptions const& options = {});

/// What `ConnectionParameters::to_conninfo` gives, with a token or password that is valid now, for libraries that
/// connect by themselves, such as libpqxx. Wakes nothing, and is valid for logins as long as the token is: an hour at
/// most. Secret: keep it out of logs, command lines and error messages.
/// @throws ConfigError; and what the credentials throw
[[nodiscard]] LAKEBASE_PQ_EXPORT std::string conninfo_with_password(ConnectionSource const& source,
                                                                    CredentialsLimits const& limits = {});

/// The same as a URL, `postgresql://user:token@host:port/dbname?…`, percent-encoded: any character may be in the user's
/// name and in the token or password. Secret, and for as long as `conninfo_with_password`.
/// @throws ConfigError; and what the credentials throw
[[nodiscard]] LAKEBASE_PQ_EXPORT std::string url_with_token(ConnectionSource const& source,
                                                            CredentialsLimits const& limits = {});

/// The connection source that the environment describes, as Databricks Apps and the sample applications set it. The
/// first of these that is set is taken:
///
/// 1. `LAKEBASE_ENDPOINT`, or `ENDPOINT_NAME`: an endpoint of Autoscaling, with tokens;
/// 2. `LAKEBASE_INSTANCE_NAME`: an instance of Provisioned, with tokens;
/// 3. `LAKEBASE_PG_URL`: a URL with a password in it;
/// 4. `PGHOST` with `PGPASSWORD`, or with `SourceOptions::password`;
/// 5. `PGHOST` alone: the instance with that host, which is looked up in the list of instances, with tokens.
///
/// `PGHOST`, `PGPORT`, `PGDATABASE`, `PGUSER`, `PGSSLMODE` and `PGAPPNAME` say the rest, and `LAKEBASE_HOST`,
/// `LAKEBASE_DATABASE_NAME` and `LAKEBASE_USERNAME` stand in for those of them that are not set. Without a host, that
/// of the endpoint or instance is requested. `client` is used if tokens are needed; by default a WorkspaceClient is
/// made then.
/// @throws ConfigError listing all that was looked at, if none of it tells where to connect; and what the calls throw
[[nodiscard]] LAKEBASE_PQ_EXPORT ConnectionSource source_from_environment(SourceOptions const& options = {},
                                                                          std::optional<WorkspaceClient> client = {});

/// Reads `postgresql://…` or `key=value …`. TLS is never weaker than `options` ask for.
/// @throws ConfigError
[[nodiscard]] LAKEBASE_PQ_EXPORT ConnectionSource source_from_conninfo(std::string const& conninfo,
                                                                       SourceOptions const& options = {});

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
