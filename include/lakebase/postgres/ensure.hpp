#pragma once

#include <optional>
#include <string_view>

#include <lakebase/ensure.hpp>
#include <lakebase/export.hpp>
#include <lakebase/postgres/branch.hpp>
#include <lakebase/postgres/endpoint.hpp>
#include <lakebase/postgres/project.hpp>
#include <lakebase/wait_options.hpp>

// Idempotent calls for programs that set up their own environment, which the Python SDK lacks. They use public calls of
// PostgresClient only.

namespace lakebase {
inline namespace v0 {

class PostgresClient;

namespace postgres {

using lakebase::Ensured;        ///< What an `ensure_*` call found or made.
using lakebase::EnsureOptions;  ///< How an `ensure_*` call waits.
using lakebase::EnsureOutcome;  ///< What an `ensure_*` call had to do.

/// Brings the project of that id to the state that `project.spec` describes: creates it if it does not exist, updates
/// it if a member that is set there differs, else leaves it alone. `initial_*` members apply if it is created.
///
/// If the response to the creation is lost, or another caller is faster, the project that exists then is used. Members
/// that are unset are not compared.
/// @throws AlreadyExists if it exists and differs in what cannot be changed (`pg_version`), or is soft-deleted; and
///         what `get_project`, `create_project`, `update_project` and `wait` throw
LAKEBASE_EXPORT Ensured<Project> ensure_project(PostgresClient const& client, Project const& project,
                                                std::string_view project_id, EnsureOptions const& options = {});

/// Brings the branch of that id in the project `parent` to the state that `branch.spec` describes; see
/// `ensure_project`.
///
/// `ttl` counts from the branch's creation: a branch that exists and expires within a minute of that has the desired
/// state.
/// @throws AlreadyExists if it exists and comes from another source, or is soft-deleted
LAKEBASE_EXPORT Ensured<Branch> ensure_branch(PostgresClient const& client, std::string_view parent,
                                              Branch const& branch, std::string_view branch_id,
                                              EnsureOptions const& options = {});

/// Brings the endpoint of that id in the branch `parent` to the state that `endpoint.spec` describes; see
/// `ensure_project`.
///
/// A branch has its read-write endpoint from the start, so for that one pass its id, which is `primary`.
/// @throws AlreadyExists if it exists and is of another type; ResourceConflict while an earlier change of it is not
///         finished
LAKEBASE_EXPORT Ensured<Endpoint> ensure_endpoint(PostgresClient const& client, std::string_view parent,
                                                  Endpoint const& endpoint, std::string_view endpoint_id,
                                                  EnsureOptions const& options = {});

/// How `delete_if_exists` deletes.
struct DeleteIfExistsOptions {
  /// Delete projects and branches for good instead of softly.
  std::optional<bool> purge{};
  /// For the operation that it starts.
  WaitOptions wait{};
};

/// Deletes what has that name and waits until it is gone: a project, branch, endpoint, database, role, snapshot, Data
/// API, CDF config, catalog or synced table. If the response is lost, the call is repeated.
/// @return whether it existed
/// @throws InvalidArgument for a name of any other form; and what the `delete_*` call and `wait` throw
LAKEBASE_EXPORT bool delete_if_exists(PostgresClient const& client, std::string_view name,
                                      DeleteIfExistsOptions const& options = {});

/// The one endpoint of a branch that takes writes; none if the branch has none (yet). Lists the branch's endpoints.
[[nodiscard]] LAKEBASE_EXPORT std::optional<Endpoint> find_read_write_endpoint(PostgresClient const& client,
                                                                               std::string_view branch);

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
