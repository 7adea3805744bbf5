#pragma once

#include <memory>
#include <string_view>
#include <type_traits>

#include <lakebase/call_options.hpp>
#include <lakebase/config.hpp>
#include <lakebase/database/catalog.hpp>
#include <lakebase/database/credential.hpp>
#include <lakebase/database/instance.hpp>
#include <lakebase/database/instance_role.hpp>
#include <lakebase/database/synced_table.hpp>
#include <lakebase/database/table.hpp>
#include <lakebase/export.hpp>
#include <lakebase/operation.hpp>
#include <lakebase/pager.hpp>

namespace lakebase {
inline namespace v0 {

namespace detail {
class ApiClient;
}

/// Database instances of Lakebase Provisioned, with their roles, catalogs and synced tables: Python's `w.database`,
/// under the same names. `<lakebase/database/convenience.hpp>` has calls of our own beside these.
///
/// Nothing is sent before the first call. An argument that is the name of an instance is 1 to 63 letters, digits and
/// hyphens. An update mask is a list of members separated by commas, `capacity,stopped`; `*` is all of them.
///
/// Reads are repeated after faults; a write is repeated only if the service asked for it (429, 503), turned it away
/// while another change runs (409, see RetryOptions::conflicts), or cannot have seen it.
///
/// Thread safety: safe to share between threads; copies share one configuration, its tokens and its connections.
/// Exceptions: all calls may throw `InvalidArgument` (an argument makes no valid request), `ConfigError` and
/// `AuthError` (no credentials for the caller), `TransportError` (no response), `ParseError` (a response without what
/// the API promises), `Cancelled` (see CallOptions::stop), and an `ApiError` of the service's code, of which each call
/// names its own.
/// Lifetime: cheap to copy; pagers and operations keep what they need and may outlive the client.
class LAKEBASE_EXPORT DatabaseClient {
 public:
  /// Reads the environment and the profile for what `config` leaves open; see Config.
  /// @throws ConfigError
  [[nodiscard]] explicit DatabaseClient(Config const& config = {});

  /// The same client with other options for its calls.
  [[nodiscard]] DatabaseClient with(CallOptions options) const;

  /// The options given to `with`; none are set in a new client. Valid as long as this object.
  [[nodiscard]] CallOptions const& options() const& noexcept;
  CallOptions const& options() const&& = delete;  // would dangle: keep the client in a variable first

  /// The clock that its calls and waits go by: `Config::clock`, or the machine's.
  [[nodiscard]] std::shared_ptr<Clock> clock() const;
  /// The configuration in force. Holds secrets: do not print it. Valid as long as this object.
  [[nodiscard]] Config const& config() const& noexcept;
  Config const& config() const&& = delete;  // would dangle: keep the client in a variable first

  /// Waits, in another process if need be, for an instance that is being created:
  /// `client.resume<CreateDatabaseInstanceOperation>("my-instance").wait()`. Sends nothing.
  /// @throws InvalidArgument if it is not the name of an instance
  template <class SomeOperation>
  [[nodiscard]] SomeOperation resume(std::string_view instance_name) const {
    static_assert(std::is_same_v<SomeOperation, database::CreateDatabaseInstanceOperation>,
                  "w.database has one kind of operation: CreateDatabaseInstanceOperation");
    return SomeOperation{resume_handle(instance_name)};
  }

  // --- Instances ---

  /// Starts to create an instance. `POST /api/2.0/database/instances`
  /// Returns once it is accepted; `.wait()` polls the instance until it is AVAILABLE, and fails at once if it can never
  /// be: it was created with `stopped`, or is deleted meanwhile. `wait_until` waits for one that is created stopped.
  /// Not idempotent.
  /// @throws InvalidArgument if it has no name, or its parent is named as of a position and a time;
  ///         AlreadyExists or BadRequest if the name is taken, which it is until a deleted instance is gone;
  ///         BadRequest if the workspace has 10 instances
  database::CreateDatabaseInstanceOperation create_database_instance(
      database::DatabaseInstance const& database_instance) const;
  /// Starts to delete an instance with everything in it. `DELETE /api/2.0/database/instances/{name}`
  /// Its state is DELETING until it is gone, and its name stays taken.
  /// @throws BadRequest if it has children (unless `force`), or `purge` is false; NotFound
  void delete_database_instance(std::string_view name,
                                database::DeleteDatabaseInstanceOptions const& options = {}) const;
  /// Starts to make a secondary of an instance its primary. `POST /api/2.0/database/instances/{name}/failover`
  /// Returns the instance, whose state is FAILING_OVER for a while; its hosts stay the same. Not idempotent.
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  /// @throws BadRequest if it has a single node; NotFound
  database::DatabaseInstance failover_database_instance(
      std::string_view name, database::FailoverDatabaseInstanceOptions const& options = {}) const;
  /// Reads the instance of that uid. `GET /api/2.0/database/instances:findByUid`
  /// @throws NotFound
  [[nodiscard]] database::DatabaseInstance find_database_instance_by_uid(
      database::FindDatabaseInstanceByUidOptions const& options = {}) const;
  /// Reads an instance, with the hosts to connect to. `GET /api/2.0/database/instances/{name}`
  /// @throws NotFound
  [[nodiscard]] database::DatabaseInstance get_database_instance(std::string_view name) const;
  /// Lists the instances that the caller may see. `GET /api/2.0/database/instances`
  Pager<database::DatabaseInstance> list_database_instances(
      database::ListDatabaseInstancesOptions const& options = {}) const;
  /// Starts to change what `update_mask` names. `PATCH /api/2.0/database/instances/{name}`
  /// Returns the instance, whose state is UPDATING for a while; `wait_until` waits for the end of it. There are no
  /// calls to stop and start an instance: set `stopped`.
  /// @throws InvalidArgument if the mask has an empty entry; BadRequest or InvalidParameterValue for what cannot be
  ///         changed; NotFound
  database::DatabaseInstance update_database_instance(std::string_view name,
                                                      database::DatabaseInstance const& database_instance,
                                                      std::string_view update_mask = "*") const;
  /// Starts to move an instance to Autoscaling. `PATCH /api/2.0/database/instances/{name}/upgrade`
  /// Its state is UPGRADING meanwhile. There is no way back. Not idempotent.
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  /// @throws NotFound
  void upgrade_instance_to_autoscaling(std::string_view name) const;

  // --- Roles of an instance ---

  /// Creates a role. `POST /api/2.0/database/instances/{instance_name}/roles`
  /// An identity that the role represents must exist. Not idempotent.
  /// @throws AlreadyExists or BadRequest if there is a role of that name; NotFound
  database::DatabaseInstanceRole create_database_instance_role(
      std::string_view instance_name, database::DatabaseInstanceRole const& database_instance_role,
      database::CreateDatabaseInstanceRoleOptions const& options = {}) const;
  /// Deletes a role. `DELETE /api/2.0/database/instances/{instance_name}/roles/{name}`
  /// Fails if the role owns something, unless `reassign_owned_to` names the new owner.
  /// @throws NotFound, unless `allow_missing`
  void delete_database_instance_role(std::string_view instance_name, std::string_view name,
                                     database::DeleteDatabaseInstanceRoleOptions const& options = {}) const;
  /// Reads a role. `GET /api/2.0/database/instances/{instance_name}/roles/{name}`
  /// @throws NotFound
  [[nodiscard]] database::DatabaseInstanceRole get_database_instance_role(std::string_view instance_name,
                                                                          std::string_view name) const;
  /// Lists the roles of an instance. `GET /api/2.0/database/instances/{instance_name}/roles`
  Pager<database::DatabaseInstanceRole> list_database_instance_roles(
      std::string_view instance_name, database::ListDatabaseInstanceRolesOptions const& options = {}) const;
  /// Changes a role. `PATCH /api/2.0/database/instances/{instance_name}/roles/{name}`
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  /// @throws NotFound
  database::DatabaseInstanceRole update_database_instance_role(
      std::string_view instance_name, std::string_view name,
      database::DatabaseInstanceRole const& database_instance_role,
      database::UpdateDatabaseInstanceRoleOptions const& options = {}) const;

  // --- Credentials ---

  /// Creates a password, valid for an hour, with which the caller can log in to PostgreSQL at the instances that are
  /// named. `POST /api/2.0/database/credentials`
  /// The user name is the caller's e-mail address or application id. Each call creates another password; earlier ones
  /// stay valid. Safe to repeat.
  /// @throws InvalidArgument if neither `instance_names` nor `claims` are given; NotFound
  [[nodiscard]] database::DatabaseCredential generate_database_credential(
      database::GenerateDatabaseCredentialOptions const& options = {}) const;

  // --- Catalogs ---

  /// Registers a database of an instance as a catalog of Unity Catalog. `POST /api/2.0/database/catalogs`
  /// Not idempotent.
  /// @throws NotFound if there is no such instance, or no such database (unless `create_database_if_not_exists`);
  ///         AlreadyExists if the catalog's name is taken
  database::DatabaseCatalog create_database_catalog(database::DatabaseCatalog const& catalog) const;
  /// Deletes a catalog; the database stays. `DELETE /api/2.0/database/catalogs/{name}`
  /// @throws NotFound
  void delete_database_catalog(std::string_view name) const;
  /// Reads a catalog. `GET /api/2.0/database/catalogs/{name}`
  /// @throws NotFound
  [[nodiscard]] database::DatabaseCatalog get_database_catalog(std::string_view name) const;
  /// Lists the catalogs of an instance. `GET /api/2.0/database/instances/{instance_name}/catalogs`
  /// The service documents it as not implemented.
  Pager<database::DatabaseCatalog> list_database_catalogs(
      std::string_view instance_name, database::ListDatabaseCatalogsOptions const& options = {}) const;
  /// Changes a catalog. `PATCH /api/2.0/database/catalogs/{name}`
  /// @throws NotImplemented so far: delete the catalog and create another one
  database::DatabaseCatalog update_database_catalog(std::string_view name,
                                                    database::DatabaseCatalog const& database_catalog,
                                                    std::string_view update_mask = "*") const;

  // --- Tables ---

  /// Registers a PostgreSQL table in Unity Catalog. `POST /api/2.0/database/tables`
  /// Not idempotent.
  /// @throws NotFound if there is no such instance; AlreadyExists if the name is taken
  database::DatabaseTable create_database_table(database::DatabaseTable const& table) const;
  /// Takes a table out of Unity Catalog; PostgreSQL keeps it. `DELETE /api/2.0/database/tables/{name}`
  /// @throws NotFound
  void delete_database_table(std::string_view name) const;
  /// Reads a registered table. `GET /api/2.0/database/tables/{name}`
  /// @throws NotFound
  [[nodiscard]] database::DatabaseTable get_database_table(std::string_view name) const;

  // --- Synced tables ---

  /// Starts to copy a table of Unity Catalog into PostgreSQL. `POST /api/2.0/database/synced_tables`
  /// Returns once the table is registered: `data_synchronization_status` tells when its rows are there. Not idempotent.
  /// @throws NotFound if there is no such instance or source; AlreadyExists if the name is taken
  database::SyncedDatabaseTable create_synced_database_table(database::SyncedDatabaseTable const& synced_table) const;
  /// Ends the synchronization; the table in PostgreSQL stays, unless `purge_data` is set.
  /// `DELETE /api/2.0/database/synced_tables/{name}`
  /// @throws NotFound
  void delete_synced_database_table(std::string_view name,
                                    database::DeleteSyncedDatabaseTableOptions const& options = {}) const;
  /// Reads a synced table. `GET /api/2.0/database/synced_tables/{name}`
  /// @throws NotFound
  [[nodiscard]] database::SyncedDatabaseTable get_synced_database_table(std::string_view name) const;
  /// Lists the synced tables of an instance. `GET /api/2.0/database/instances/{instance_name}/synced_tables`
  /// The service documents it as not implemented.
  Pager<database::SyncedDatabaseTable> list_synced_database_tables(
      std::string_view instance_name, database::ListSyncedDatabaseTablesOptions const& options = {}) const;
  /// Changes a synced table. `PATCH /api/2.0/database/synced_tables/{name}`
  /// @throws NotImplemented so far: delete the table and create another one
  database::SyncedDatabaseTable update_synced_database_table(std::string_view name,
                                                             database::SyncedDatabaseTable const& synced_table,
                                                             std::string_view update_mask = "*") const;

 private:
  friend class WorkspaceClient;
  // First, as a constructor of a pointer alone would make DatabaseClient{{}} ambiguous.
  struct FromApi {};
  DatabaseClient(FromApi, std::shared_ptr<detail::ApiClient const> api);
  detail::OperationHandle resume_handle(std::string_view instance_name) const;

  std::shared_ptr<detail::ApiClient const> api_;
};

}  // namespace v0
}  // namespace lakebase
