#pragma once

#include <memory>

#include <lakebase/config.hpp>
#include <lakebase/current_user_client.hpp>
#include <lakebase/export.hpp>
#include <lakebase/postgres_client.hpp>

namespace lakebase::inline v0 {

/// A Databricks workspace: its services over one shared configuration, as in Python. Cheap to copy, and safe to share
/// between threads.
class LAKEBASE_EXPORT WorkspaceClient {
 public:
  /// Reads the environment and the profile for what `config` leaves open; see Config. Sends nothing.
  /// @throws ConfigError naming every place that was looked at, where they do not tell the host and the credentials
  explicit WorkspaceClient(Config const& config = {});

  /// The configuration in force. Holds secrets: do not print it.
  [[nodiscard]] Config const& config() const& noexcept;
  Config const& config() const&& = delete;  // would dangle: keep the client in a variable first

 private:
  std::shared_ptr<detail::ApiClient const> api_;

 public:
  /// Lakebase Autoscaling: projects, branches, computes.
  PostgresClient postgres;
  /// Who the caller is.
  CurrentUserClient current_user;
};

}  // namespace lakebase::inline v0
