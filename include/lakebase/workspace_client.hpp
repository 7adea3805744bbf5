#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <lakebase/call_options.hpp>
#include <lakebase/call_request.hpp>
#include <lakebase/config.hpp>
#include <lakebase/current_user_client.hpp>
#include <lakebase/database_client.hpp>
#include <lakebase/export.hpp>
#include <lakebase/postgres_client.hpp>

namespace lakebase {
inline namespace v0 {

namespace data_api {
class DataApiClient;
}

/// A Databricks workspace: its services over one shared configuration, as in Python.
///
/// Thread safety: safe to share between threads; copies share one configuration, its tokens and its connections.
/// Exceptions: the constructor throws ConfigError; calls throw what PostgresClient describes.
/// Lifetime: cheap to copy; pagers and operations keep what they need and may outlive the client.
class LAKEBASE_EXPORT WorkspaceClient {
 public:
  /// Reads the environment and the profile for what `config` leaves open; see Config. Sends nothing.
  /// @throws ConfigError naming every place that was searched, if they do not give the host and the credentials
  [[nodiscard]] explicit WorkspaceClient(Config const& config = {});

  /// The same client, and the same services, with other options for their calls.
  [[nodiscard]] WorkspaceClient with(CallOptions options) const;

  /// Sends any request of the workspace, as the other calls are sent, with the same authentication, retries, errors,
  /// observer and log, and returns the JSON text of the response (`{}` if it has none):
  /// `from_json<Branch>(w.call("GET", "/api/2.0/postgres/projects/p/branches/b"))`.
  ///
  /// `verb` is GET, HEAD, POST, PUT, PATCH or DELETE. `path` begins with one slash and names a place on the workspace's
  /// host; what a path cannot hold is percent-encoded, and what is already encoded stays as it is. GET and HEAD are
  /// repeated after faults, other verbs as `CallRequest::idempotent` says.
  /// @throws InvalidArgument for another verb, for a path that has a query or could lead to another host, and for a
  ///         body that is not JSON; and what the other calls throw
  std::string call(std::string_view verb, std::string_view path, CallRequest const& request = {}) const;

  /// The configuration in force. Holds secrets: do not print it.
  [[nodiscard]] Config const& config() const& noexcept;
  Config const& config() const&& = delete;  // would dangle: keep the client in a variable first

 private:
  friend class data_api::DataApiClient;
  // First, as a constructor of a pointer alone would make WorkspaceClient{{}} ambiguous.
  struct FromApi {};
  WorkspaceClient(FromApi, std::shared_ptr<detail::ApiClient const> api);

  std::shared_ptr<detail::ApiClient const> api_;

 public:
  /// Lakebase Autoscaling: projects, branches, computes.
  PostgresClient postgres;
  /// Lakebase Provisioned: database instances.
  DatabaseClient database;
  /// Who the caller is.
  CurrentUserClient current_user;
};

}  // namespace v0
}  // namespace lakebase
