#pragma once

#include <memory>
#include <string_view>

#include <lakebase/call_options.hpp>
#include <lakebase/config.hpp>
#include <lakebase/export.hpp>
#include <lakebase/operation.hpp>
#include <lakebase/pager.hpp>
#include <lakebase/postgres/branch.hpp>
#include <lakebase/postgres/catalog.hpp>
#include <lakebase/postgres/cdf_config.hpp>
#include <lakebase/postgres/cdf_status.hpp>
#include <lakebase/postgres/compute_instance.hpp>
#include <lakebase/postgres/credential.hpp>
#include <lakebase/postgres/data_api.hpp>
#include <lakebase/postgres/database.hpp>
#include <lakebase/postgres/endpoint.hpp>
#include <lakebase/postgres/forward_etl.hpp>
#include <lakebase/postgres/operation.hpp>
#include <lakebase/postgres/project.hpp>
#include <lakebase/postgres/recovery_branch.hpp>
#include <lakebase/postgres/replication_group.hpp>
#include <lakebase/postgres/replication_role.hpp>
#include <lakebase/postgres/role.hpp>
#include <lakebase/postgres/snapshot.hpp>
#include <lakebase/postgres/snapshot_schedule.hpp>
#include <lakebase/postgres/synced_table.hpp>
#include <lakebase/postgres/table.hpp>

namespace lakebase {
inline namespace v0 {

namespace detail {
class ApiClient;
}

/// Projects, branches, computes, databases and roles of Lakebase: Python's `w.postgres`, under the same names.
///
/// Nothing is sent before the first call.
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
class LAKEBASE_EXPORT PostgresClient {
 public:
  /// Reads the environment and the profile for what `config` leaves open; see Config.
  /// @throws ConfigError
  [[nodiscard]] explicit PostgresClient(Config const& config = {});

  /// The same client with other options for its calls.
  [[nodiscard]] PostgresClient with(CallOptions options) const;

  /// The options given to `with`; none are set in a new client. Valid as long as this object.
  [[nodiscard]] CallOptions const& options() const& noexcept;
  CallOptions const& options() const&& = delete;  // would dangle: keep the client in a variable first

  /// The clock that its calls and waits go by: `Config::clock`, or the machine's.
  [[nodiscard]] std::shared_ptr<Clock> clock() const;
  /// The configuration in force. Holds secrets: do not print it. Valid as long as this object.
  [[nodiscard]] Config const& config() const& noexcept;
  Config const& config() const&& = delete;  // would dangle: keep the client in a variable first

  /// Picks up an operation by its name, in another process if need be:
  /// `client.resume<CreateBranchOperation>(name).wait()`. Sends nothing.
  /// @throws InvalidArgument if it is not the name of an operation
  template <class SomeOperation>
  [[nodiscard]] SomeOperation resume(std::string_view operation_name) const {
    return SomeOperation{resume_handle(operation_name, !std::is_void_v<typename SomeOperation::Result>)};
  }

  // --- Projects ---

  /// Starts to create a project. `POST /api/2.0/postgres/projects`
  /// It comes with a branch `production`, on it an endpoint `primary`, a role for the caller and a database; the
  /// `initial_*_spec` members describe these. The id is 1 to 63 characters: a lower-case letter, then lower-case
  /// letters, digits and hyphens. Not idempotent.
  /// @throws AlreadyExists if the id is taken, even by a soft-deleted project
  postgres::CreateProjectOperation create_project(postgres::Project const& project, std::string_view project_id) const;
  /// Starts to delete a project with everything in it, softly unless `purge` is set: `undelete_project` brings it back
  /// for 7 days, during which its id stays taken. `DELETE /api/2.0/postgres/{name}`
  /// @throws BadRequest if it has a protected branch; NotFound
  postgres::DeleteProjectOperation delete_project(std::string_view name,
                                                  postgres::DeleteProjectOptions const& options = {}) const;
  /// Reads a project, a soft-deleted one too. `GET /api/2.0/postgres/{name}`
  /// @throws NotFound
  [[nodiscard]] postgres::Project get_project(std::string_view name) const;
  /// Lists the projects that the caller may see. `GET /api/2.0/postgres/projects`
  Pager<postgres::Project> list_projects(postgres::ListProjectsOptions const& options = {}) const;
  /// Starts to bring a soft-deleted project back. `POST /api/2.0/postgres/{name}/undelete`
  /// @throws NotFound once it is deleted for good
  postgres::UndeleteProjectOperation undelete_project(std::string_view name) const;
  /// Starts to change what `update_mask` names. `PATCH /api/2.0/postgres/{name}`
  /// @throws InvalidParameterValue if the mask names something unknown, or something that `project` leaves unset;
  ///         ResourceConflict while another operation on the project is running
  postgres::UpdateProjectOperation update_project(std::string_view name, postgres::Project const& project,
                                                  FieldMask const& update_mask) const;

  // --- Branches ---

  /// Starts to create a branch of a project. `POST /api/2.0/postgres/{parent}/branches`
  /// The branch comes with a read-write endpoint `primary` and with its source's roles and databases.
  /// Not idempotent.
  /// @throws BadRequest if the id is taken (unless `replace_existing`), or no expiration was chosen
  postgres::CreateBranchOperation create_branch(std::string_view parent, postgres::Branch const& branch,
                                                std::string_view branch_id,
                                                postgres::CreateBranchOptions const& options = {}) const;
  /// Starts to delete a branch with everything in it. `DELETE /api/2.0/postgres/{name}`
  /// @throws BadRequest for a root, default or protected branch and for one with children
  postgres::DeleteBranchOperation delete_branch(std::string_view name,
                                                postgres::DeleteBranchOptions const& options = {}) const;
  /// Reads a branch. `GET /api/2.0/postgres/{name}`
  /// @throws NotFound
  [[nodiscard]] postgres::Branch get_branch(std::string_view name) const;
  /// Lists a project's branches. `GET /api/2.0/postgres/{parent}/branches`
  Pager<postgres::Branch> list_branches(std::string_view parent,
                                        postgres::ListBranchesOptions const& options = {}) const;
  /// Starts to bring a soft-deleted branch back. `POST /api/2.0/postgres/{name}/undelete`
  postgres::UndeleteBranchOperation undelete_branch(std::string_view name) const;
  /// Starts to change what `update_mask` names. `PATCH /api/2.0/postgres/{name}`
  /// @throws InvalidParameterValue if the mask names something unknown, or something that `branch` leaves unset
  postgres::UpdateBranchOperation update_branch(std::string_view name, postgres::Branch const& branch,
                                                FieldMask const& update_mask) const;

  // --- Endpoints ---

  /// Starts to create an endpoint of a branch. `POST /api/2.0/postgres/{parent}/endpoints`
  /// A branch has its one read-write endpoint from the start, so this adds read-only ones, or changes the read-write
  /// one if `replace_existing` is set. The id is a lower-case letter, then lower-case letters, digits and hyphens, 63
  /// in all. Not idempotent.
  /// @throws BadRequest for a second read-write endpoint, and if the id is taken (unless `replace_existing`)
  postgres::CreateEndpointOperation create_endpoint(std::string_view parent, postgres::Endpoint const& endpoint,
                                                    std::string_view endpoint_id,
                                                    postgres::CreateEndpointOptions const& options = {}) const;
  /// Starts to delete an endpoint; its sessions end. `DELETE /api/2.0/postgres/{name}`
  /// @throws BadRequest for a branch's read-write endpoint and on a protected branch;
  ///         ResourceConflict while an earlier change is not finished
  postgres::DeleteEndpointOperation delete_endpoint(std::string_view name) const;
  /// Reads an endpoint, with the hosts to connect to. `GET /api/2.0/postgres/{name}`
  /// @throws NotFound
  [[nodiscard]] postgres::Endpoint get_endpoint(std::string_view name) const;
  /// Lists a branch's endpoints. `GET /api/2.0/postgres/{parent}/endpoints`
  Pager<postgres::Endpoint> list_endpoints(std::string_view parent,
                                           postgres::ListEndpointsOptions const& options = {}) const;
  /// Starts to change what `update_mask` names. `PATCH /api/2.0/postgres/{name}`
  /// The operation may end before the change has reached the computes; that is when `EndpointStatus::pending_state` is
  /// unset.
  /// @throws InvalidParameterValue if the mask names something unknown, or something that `endpoint` leaves unset;
  ///         ResourceConflict while another change is not finished
  postgres::UpdateEndpointOperation update_endpoint(std::string_view name, postgres::Endpoint const& endpoint,
                                                    FieldMask const& update_mask) const;

  // --- Compute instances ---

  /// Reads one of the computes behind an endpoint. `GET /api/2.0/postgres/{name}`
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  /// @throws NotFound
  [[nodiscard]] postgres::ComputeInstance get_compute_instance(std::string_view name) const;
  /// Lists the computes behind an endpoint. `GET /api/2.0/postgres/{parent}/compute-instances`
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  Pager<postgres::ComputeInstance> list_compute_instances(
      std::string_view parent, postgres::ListComputeInstancesOptions const& options = {}) const;

  // --- Databases ---

  /// Starts to create a database in a branch. `POST /api/2.0/postgres/{parent}/databases`
  /// `spec.role`, its owner, is required. Not idempotent.
  /// @throws BadRequest if the id or the name in PostgreSQL is taken (unless `replace_existing`); NotFound if there is
  ///         no such role
  postgres::CreateDatabaseOperation create_database(std::string_view parent, postgres::Database const& database,
                                                    postgres::CreateDatabaseOptions const& options = {}) const;
  /// Starts to delete a database with everything in it. `DELETE /api/2.0/postgres/{name}`
  /// @throws NotFound
  postgres::DeleteDatabaseOperation delete_database(std::string_view name) const;
  /// Reads a database. `GET /api/2.0/postgres/{name}`
  /// @throws NotFound
  [[nodiscard]] postgres::Database get_database(std::string_view name) const;
  /// Lists a branch's databases. `GET /api/2.0/postgres/{parent}/databases`
  Pager<postgres::Database> list_databases(std::string_view parent,
                                           postgres::ListDatabasesOptions const& options = {}) const;
  /// Starts to rename a database or give it another owner, as `update_mask` says. `PATCH /api/2.0/postgres/{name}`
  /// @throws InvalidParameterValue if the mask names something unknown, or something that `database` leaves unset;
  ///         NotFound if there is no such role
  postgres::UpdateDatabaseOperation update_database(std::string_view name, postgres::Database const& database,
                                                    FieldMask const& update_mask) const;

  // --- Roles ---

  /// Starts to create a role in a branch. `POST /api/2.0/postgres/{parent}/roles`
  /// An identity that the role represents must exist. Not idempotent.
  /// @throws BadRequest if there is a role of that id or name (unless `replace_existing`)
  postgres::CreateRoleOperation create_role(std::string_view parent, postgres::Role const& role,
                                            postgres::CreateRoleOptions const& options = {}) const;
  /// Starts to delete a role. `DELETE /api/2.0/postgres/{name}`
  /// Fails if the role owns something, unless `reassign_owned_to` names the new owner.
  /// @throws NotFound
  postgres::DeleteRoleOperation delete_role(std::string_view name,
                                            postgres::DeleteRoleOptions const& options = {}) const;
  /// Reads a role. `GET /api/2.0/postgres/{name}`
  /// @throws NotFound
  [[nodiscard]] postgres::Role get_role(std::string_view name) const;
  /// Lists a branch's roles. `GET /api/2.0/postgres/{parent}/roles`
  Pager<postgres::Role> list_roles(std::string_view parent, postgres::ListRolesOptions const& options = {}) const;
  /// Starts to change what `update_mask` names: `spec.attributes`, one of them (`spec.attributes.createdb`), or
  /// `spec.membership_roles`. `PATCH /api/2.0/postgres/{name}`
  /// @throws InvalidParameterValue if the mask names anything else, or something that `role` leaves unset
  postgres::UpdateRoleOperation update_role(std::string_view name, postgres::Role const& role,
                                            FieldMask const& update_mask) const;
  /// Reads the password of a role whose `auth_method` is `PG_PASSWORD_SCRAM_SHA_256`.
  /// `POST /api/2.0/postgres/{name}/password`
  /// Changes nothing, so it is safe to repeat. The response holds a secret: keep it out of logs.
  /// @throws NotFound if there is no such role; BadRequest if the role logs in without a password
  [[nodiscard]] postgres::RevealRolePasswordResponse reveal_role_password(std::string_view name) const;

  // --- Credentials ---

  /// Creates a password, valid for an hour at most, with which the caller can log in to PostgreSQL at an endpoint.
  /// `POST /api/2.0/postgres/credentials`
  /// The user name is the caller's e-mail address or application id, and a role of that name must exist in the branch.
  /// Each call creates another password; earlier ones stay valid. Safe to repeat.
  /// @throws InvalidParameterValue if `endpoint` is not the full name of an endpoint, or a time is out of bounds;
  ///         NotFound
  [[nodiscard]] postgres::DatabaseCredential generate_database_credential(
      std::string_view endpoint, postgres::GenerateDatabaseCredentialOptions const& options = {}) const;

  // --- Operations ---

  /// Reads a long-running operation as the API has it. `GET /api/2.0/postgres/{name}`
  /// `resume` returns the same operation as an object to wait for.
  /// @throws NotFound
  [[nodiscard]] postgres::Operation get_operation(std::string_view name) const;

  // --- Catalogs ---

  /// Starts to register a PostgreSQL database in Unity Catalog. `POST /api/2.0/postgres/catalogs`
  /// `catalog_id` is the catalog's name there; the caller needs the permission to create catalogs. Not idempotent.
  /// @throws AlreadyExists if the id is taken
  /// @throws NotFound if there is no such branch
  postgres::CreateCatalogOperation create_catalog(postgres::Catalog const& catalog, std::string_view catalog_id) const;
  /// Starts to take a catalog out of Unity Catalog; the database stays. `DELETE /api/2.0/postgres/{name}`
  /// @throws NotFound if there is none, so also when repeated
  postgres::DeleteCatalogOperation delete_catalog(std::string_view name) const;
  /// Reads a catalog. `GET /api/2.0/postgres/{name}`
  /// @throws NotFound
  [[nodiscard]] postgres::Catalog get_catalog(std::string_view name) const;

  // --- Synced tables ---

  /// Starts to copy a table of Unity Catalog into PostgreSQL, and to keep the copy up to date.
  /// `POST /api/2.0/postgres/synced_tables`
  /// `synced_table_id` is the copy's `catalog.schema.table`: a table in Unity Catalog, and in PostgreSQL table `table`
  /// of schema `schema`. The operation ends before the rows are there; see `status.detailed_state`. Not idempotent.
  /// @throws BadRequest if the source feeds 20 synced tables already
  postgres::CreateSyncedTableOperation create_synced_table(postgres::SyncedTable const& synced_table,
                                                           std::string_view synced_table_id) const;
  /// Starts to end the synchronization; the PostgreSQL table stays, to be dropped by SQL.
  /// `DELETE /api/2.0/postgres/{name}`
  /// @throws NotFound if there is none, so also when repeated
  postgres::DeleteSyncedTableOperation delete_synced_table(std::string_view name) const;
  /// Reads a synced table, `synced_tables/{catalog}.{schema}.{table}`. `GET /api/2.0/postgres/{name}`
  /// @throws NotFound
  [[nodiscard]] postgres::SyncedTable get_synced_table(std::string_view name) const;

  // --- Tables ---

  /// Registers a PostgreSQL table in Unity Catalog, at once. `POST /api/2.0/postgres/tables`
  /// Not idempotent.
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  postgres::Table create_table(postgres::Table const& table) const;
  /// Takes a table out of Unity Catalog, at once. `DELETE /api/2.0/postgres/tables/{name}`
  /// `name` is `catalog.schema.table`, without a `tables/` before it.
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  /// @throws NotFound if there is none, so also when repeated
  void delete_table(std::string_view name) const;
  /// Reads a table. `GET /api/2.0/postgres/tables/{name}`
  /// `name` is `catalog.schema.table`, without a `tables/` before it.
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  /// @throws NotFound
  [[nodiscard]] postgres::Table get_table(std::string_view name) const;

  // --- Data API ---

  /// Starts to enable the Data API of a database. `POST /api/2.0/postgres/{parent}/data-api`
  /// Makes a role `authenticator` and a schema `pgrst` in the database. Not idempotent.
  /// @throws InvalidParameterValue if no member of `data_api` is set
  postgres::CreateDataApiOperation create_data_api(std::string_view parent, postgres::DataApi const& data_api) const;
  /// Starts to disable the Data API of a database. `DELETE /api/2.0/postgres/{name}`
  /// @throws NotFound if it is not enabled, so also when repeated
  postgres::DeleteDataApiOperation delete_data_api(std::string_view name) const;
  /// Reads the Data API of a database, `…/databases/{database_id}/data-api`. `GET /api/2.0/postgres/{name}`
  /// @throws NotFound if it is not enabled
  [[nodiscard]] postgres::DataApi get_data_api(std::string_view name) const;
  /// Starts to change what `update_mask` names. `PATCH /api/2.0/postgres/{name}`
  /// Safe to repeat. A list that the mask names and `data_api` leaves empty is emptied.
  /// @throws InvalidParameterValue if the mask names something unknown, or something that `data_api` leaves unset
  postgres::UpdateDataApiOperation update_data_api(std::string_view name, postgres::DataApi const& data_api,
                                                   FieldMask const& update_mask) const;

  // --- Snapshots ---

  /// Starts to take a snapshot of a branch of a project. `POST /api/2.0/postgres/{parent}/snapshots`
  /// A project can have 10 that were taken manually. Not idempotent.
  postgres::CreateSnapshotOperation create_snapshot(std::string_view parent, postgres::Snapshot const& snapshot,
                                                    std::string_view snapshot_id) const;
  /// Starts to delete a snapshot. `DELETE /api/2.0/postgres/{name}`
  /// @throws NotFound if there is none, so also when repeated
  postgres::DeleteSnapshotOperation delete_snapshot(std::string_view name) const;
  /// Reads a snapshot. `GET /api/2.0/postgres/{name}`
  /// @throws NotFound
  [[nodiscard]] postgres::Snapshot get_snapshot(std::string_view name) const;
  /// Lists a project's snapshots. `GET /api/2.0/postgres/{parent}/snapshots`
  Pager<postgres::Snapshot> list_snapshots(std::string_view parent,
                                           postgres::ListSnapshotsOptions const& options = {}) const;

  // --- Snapshot schedules ---

  /// Reads the schedule of a branch, `…/branches/{branch_id}/snapshot-schedule`, which is empty if none was set.
  /// `GET /api/2.0/postgres/{name}`
  /// @throws NotFound if there is no such branch
  [[nodiscard]] postgres::SnapshotSchedule get_snapshot_schedule(std::string_view name) const;
  /// Sets the schedule of a branch. `PATCH /api/2.0/postgres/{name}`
  /// The mask can only be `schedule`: all cadences are replaced, by none if `snapshot_schedule` has none. The operation
  /// is done at once. Safe to repeat.
  postgres::UpdateSnapshotScheduleOperation update_snapshot_schedule(
      std::string_view name, postgres::SnapshotSchedule const& snapshot_schedule, FieldMask const& update_mask) const;

  // --- CDF configs ---

  /// Starts a change data feed of a database. `POST /api/2.0/postgres/{parent}/cdf-configs`
  /// From then on the changes of all tables of a PostgreSQL schema are written to Delta tables in Unity Catalog. Not
  /// idempotent.
  /// @throws InvalidParameterValue if `cdf_config_id` is not `[a-z][a-z0-9_]{0,62}`
  postgres::CreateCdfConfigOperation create_cdf_config(std::string_view parent, postgres::CdfConfig const& cdf_config,
                                                       postgres::CreateCdfConfigOptions const& options = {}) const;
  /// Starts to end a change data feed. `DELETE /api/2.0/postgres/{name}`
  /// The Delta tables are kept unless `force` is set.
  /// @throws NotFound if there is none, so also when repeated
  postgres::DeleteCdfConfigOperation delete_cdf_config(std::string_view name,
                                                       postgres::DeleteCdfConfigOptions const& options = {}) const;
  /// Reads what a change data feed reads and writes. `GET /api/2.0/postgres/{name}`
  /// @throws NotFound
  [[nodiscard]] postgres::CdfConfig get_cdf_config(std::string_view name) const;
  /// Lists the change data feeds of a database. `GET /api/2.0/postgres/{parent}/cdf-configs`
  Pager<postgres::CdfConfig> list_cdf_configs(std::string_view parent,
                                              postgres::ListCdfConfigsOptions const& options = {}) const;

  // --- CDF statuses ---

  /// Reads the state of a change data feed for one table. `GET /api/2.0/postgres/{name}`
  /// @throws NotFound
  [[nodiscard]] postgres::CdfStatus get_cdf_status(std::string_view name) const;
  /// Lists the states of a change data feed, table by table. `GET /api/2.0/postgres/{parent}/cdf-statuses`
  /// `parent` is the name of the CdfConfig.
  Pager<postgres::CdfStatus> list_cdf_statuses(std::string_view parent,
                                               postgres::ListCdfStatusesOptions const& options = {}) const;

  // --- Forward ETL ---

  /// Deletes a configuration of a branch and its table mappings for good, at once.
  /// `DELETE /api/2.0/postgres/{parent}/forward-etl/configuration`
  /// Safe to repeat: what was already deleted counts as 0.
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  postgres::DeleteForwardEtlConfigurationResponse delete_forward_etl_configuration(
      std::string_view parent, postgres::DeleteForwardEtlConfigurationOptions const& options = {}) const;
  /// Turns forward ETL of a branch off, at once, and keeps its configuration.
  /// `DELETE /api/2.0/postgres/{parent}/forward-etl`
  /// Safe to repeat.
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  postgres::DisableForwardEtlResponse disable_forward_etl(std::string_view parent,
                                                          postgres::DisableForwardEtlOptions const& options = {}) const;
  /// Reads the OIDs of the databases and schemas of a branch. `GET /api/2.0/postgres/{parent}/forward-etl/metadata`
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  [[nodiscard]] postgres::ForwardEtlMetadata get_forward_etl_metadata(
      std::string_view parent, postgres::GetForwardEtlMetadataOptions const& options = {}) const;
  /// Reads what forward ETL of a branch copies, and how far. `GET /api/2.0/postgres/{parent}/forward-etl`
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  [[nodiscard]] postgres::ForwardEtlStatus get_forward_etl_status(
      std::string_view parent, postgres::GetForwardEtlStatusOptions const& options = {}) const;

  // --- Replication groups (private preview) ---

  /// Starts to replicate a project between workspaces. `POST /api/2.0/postgres/{parent}/preview/replication-groups`
  /// Idempotent only with a `request_id`.
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  postgres::CreateReplicationGroupPreviewOperation create_replication_group_preview(
      std::string_view parent, postgres::ReplicationGroupPreview const& replication_group_preview,
      std::string_view replication_group_preview_id,
      postgres::CreateReplicationGroupPreviewOptions const& options = {}) const;
  /// Starts to end a replication. `DELETE /api/2.0/postgres/{name}`
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  /// @throws NotFound if there is none
  postgres::DeleteReplicationGroupPreviewOperation delete_replication_group_preview(
      std::string_view name, postgres::DeleteReplicationGroupPreviewOptions const& options = {}) const;
  /// Starts to make `target_workspace` the primary if the current one is lost. `POST /api/2.0/postgres/{name}/failover`
  /// Changes that were not replicated yet are kept in recovery branches. Idempotent only with a `request_id`.
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  postgres::FailoverReplicationGroupPreviewOperation failover_replication_group_preview(
      std::string_view name, std::string_view target_workspace,
      postgres::FailoverReplicationGroupPreviewOptions const& options = {}) const;
  /// Reads a replication group. `GET /api/2.0/postgres/{name}`
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  /// @throws NotFound
  [[nodiscard]] postgres::ReplicationGroupPreview get_replication_group_preview(std::string_view name) const;
  /// Lists a project's replication groups. `GET /api/2.0/postgres/{parent}/preview/replication-groups`
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  Pager<postgres::ReplicationGroupPreview> list_replication_group_previews(
      std::string_view parent, postgres::ListReplicationGroupPreviewsOptions const& options = {}) const;
  /// Starts to hand over from the current primary to `target_workspace`; both must be available.
  /// `POST /api/2.0/postgres/{name}/switchover`
  /// Idempotent only with a `request_id`.
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  postgres::SwitchoverReplicationGroupPreviewOperation switchover_replication_group_preview(
      std::string_view name, std::string_view target_workspace,
      postgres::SwitchoverReplicationGroupPreviewOptions const& options = {}) const;
  /// Starts to change what `update_mask` names. `PATCH /api/2.0/postgres/{name}`
  /// With `replication_group_preview.etag` set, refused if the group has changed since that was read.
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  /// @throws InvalidParameterValue if the mask names something unknown, or something left unset
  postgres::UpdateReplicationGroupPreviewOperation update_replication_group_preview(
      std::string_view name, postgres::ReplicationGroupPreview const& replication_group_preview,
      FieldMask const& update_mask, postgres::UpdateReplicationGroupPreviewOptions const& options = {}) const;

  // --- Recovery branches (private preview) ---

  /// Starts to delete a recovery branch, once it is reconciled. `DELETE /api/2.0/postgres/{name}`
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  /// @throws NotFound if there is none
  postgres::DeleteRecoveryBranchPreviewOperation delete_recovery_branch_preview(
      std::string_view name, postgres::DeleteRecoveryBranchPreviewOptions const& options = {}) const;
  /// Reads a recovery branch. `GET /api/2.0/postgres/{name}`
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  /// @throws NotFound
  [[nodiscard]] postgres::RecoveryBranchPreview get_recovery_branch_preview(std::string_view name) const;
  /// Starts to create a temporary branch `branch_id` in which the data of a recovery branch can be inspected.
  /// `POST /api/2.0/postgres/{name}/inspect`
  /// Idempotent only with a `request_id`.
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  postgres::InspectRecoveryBranchPreviewOperation inspect_recovery_branch_preview(
      std::string_view name, std::string_view branch_id,
      postgres::InspectRecoveryBranchPreviewOptions const& options = {}) const;
  /// Lists a project's recovery branches. `GET /api/2.0/postgres/{parent}/preview/recovery-branches`
  /// Preview: not in a released SDK of Databricks yet; it can change or go without notice.
  Pager<postgres::RecoveryBranchPreview> list_recovery_branch_previews(
      std::string_view parent, postgres::ListRecoveryBranchPreviewsOptions const& options = {}) const;

 private:
  friend class WorkspaceClient;
  // First, as a constructor of a pointer alone would make PostgresClient{{}} ambiguous.
  struct FromApi {};
  PostgresClient(FromApi, std::shared_ptr<detail::ApiClient const> api);
  detail::OperationHandle resume_handle(std::string_view operation_name, bool has_result) const;

  std::shared_ptr<detail::ApiClient const> api_;
};

}  // namespace v0
}  // namespace lakebase
