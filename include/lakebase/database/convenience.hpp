#pragma once

#include <optional>
#include <string_view>

#include <lakebase/database/catalog.hpp>
#include <lakebase/database/instance.hpp>
#include <lakebase/ensure.hpp>
#include <lakebase/export.hpp>
#include <lakebase/wait_options.hpp>

// Calls of our own, which neither the API nor the Python SDK has. They use public calls of DatabaseClient only, and
// each says which.

namespace lakebase {
inline namespace v0 {

class DatabaseClient;

namespace database {

using lakebase::Ensured;        ///< What an `ensure_*` call found or made.
using lakebase::EnsureOptions;  ///< How an `ensure_*` call waits.
using lakebase::EnsureOutcome;  ///< What an `ensure_*` call had to do.

/// Waits until the instance is in that state, e.g. after it was stopped, started, resized or failed over, and returns
/// it. Calls `get_database_instance` until then, as a wait for an operation polls; `on_poll` gets the instance as its
/// metadata. What `options` leaves open comes from `Config::wait`.
///
/// After a change the service may report the old state for a moment: a resize is over when it is AVAILABLE again, so
/// wait for UPDATING first if the response to the change was not in that state already.
/// @throws NotFound if there is no such instance; OperationFailed if it cannot come to that state by itself: it is
/// being
///         deleted, is gone, or, 10 s after the wait began, is stopped (or is not, and STOPPED was waited for);
///         OperationTimeout, Cancelled, and what `get_database_instance` throws
LAKEBASE_EXPORT DatabaseInstance wait_until(DatabaseClient const& client, std::string_view name,
                                            DatabaseInstanceState state, WaitOptions const& options = {});

/// Starts to stop an instance; nobody can connect to it then, and its data stays. Calls `update_database_instance` with
/// the mask `stopped`, and returns what that does; `wait_until` waits for STOPPED.
/// @throws what `update_database_instance` throws
LAKEBASE_EXPORT DatabaseInstance stop_instance(DatabaseClient const& client, std::string_view name);

/// Starts an instance that is stopped. Calls `update_database_instance` with the mask `stopped`, and returns what that
/// does; `wait_until` waits for AVAILABLE.
/// @throws what `update_database_instance` throws
LAKEBASE_EXPORT DatabaseInstance start_instance(DatabaseClient const& client, std::string_view name);

/// Brings the instance of the name in `instance` to the state that its other members describe: creates it if it does
/// not exist, updates it if a member that is set differs from what is in force, else leaves it alone. Returns it once
/// it is AVAILABLE, or STOPPED if it is to be. Members that are unset, and empty lists, are not compared.
///
/// If the response to the creation is lost, or another caller is faster, the instance that exists then is used. Calls
/// `get_database_instance`, and as needed `create_database_instance` and `update_database_instance` with a mask of what
/// differs.
/// @throws AlreadyExists if it exists and has another parent, or is being deleted; and what these calls, `wait` and
///         `wait_until` throw
LAKEBASE_EXPORT Ensured<DatabaseInstance> ensure_database_instance(DatabaseClient const& client,
                                                                   DatabaseInstance const& instance,
                                                                   EnsureOptions const& options = {});

/// The instance with that host, which may be the one for reads; none if the caller sees none. Calls
/// `list_database_instances`.
/// @throws what `list_database_instances` throws
[[nodiscard]] LAKEBASE_EXPORT std::optional<DatabaseInstance> find_instance_by_dns(DatabaseClient const& client,
                                                                                   std::string_view host);

/// Options of `register_database`.
struct RegisterDatabaseOptions {
  /// Name of the database in PostgreSQL.
  std::string_view database_name = "databricks_postgres";
  /// Create the database if there is none. Default: the service's, false.
  std::optional<bool> create_database_if_not_exists{};
};

/// Makes a database of an instance a catalog of Unity Catalog, which older samples called `register_database_instance`.
/// Calls `create_database_catalog`.
/// @throws what `create_database_catalog` throws
LAKEBASE_EXPORT DatabaseCatalog register_database(DatabaseClient const& client, std::string_view instance_name,
                                                  std::string_view catalog,
                                                  RegisterDatabaseOptions const& options = {});

}  // namespace database
}  // namespace v0
}  // namespace lakebase
