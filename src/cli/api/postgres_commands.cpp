#include "cli/api/method.hpp"

namespace lakebase::cli {
namespace {

using namespace postgres;

#define COMMAND(method, positionals, body_flags, summary, ...) \
  command<&PostgresClient::method __VA_OPT__(, ) __VA_ARGS__>("postgres", #method, positionals, body_flags, summary)
#define OPTION(Options, member) Option<#member, &Options::member>

// clang-format off
constexpr Command commands_of_postgres[] = {
    COMMAND(create_branch, "parent branch_id", "name ttl=spec.ttl no_expiry=spec.no_expiry", "Create a branch of a project", OPTION(CreateBranchOptions, replace_existing)),
    COMMAND(create_catalog, "catalog_id", "name", "Register a database in Unity Catalog"),
    COMMAND(create_cdf_config, "parent | catalog schema postgres_schema", "name", "Start a change data feed of a database", OPTION(CreateCdfConfigOptions, cdf_config_id)),
    COMMAND(create_data_api, "parent", "name", "Enable the Data API of a database"),
    COMMAND(create_database, "parent", "name", "Create a database in a branch", OPTION(CreateDatabaseOptions, database_id), OPTION(CreateDatabaseOptions, replace_existing)),
    COMMAND(create_endpoint, "parent endpoint_id", "name", "Create an endpoint of a branch", OPTION(CreateEndpointOptions, replace_existing)),
    COMMAND(create_project, "project_id", "name", "Create a project"),
    COMMAND(create_replication_group_preview, "parent replication_group_preview_id", "name", "Replicate a project between workspaces (preview)", OPTION(CreateReplicationGroupPreviewOptions, request_id)),
    COMMAND(create_role, "parent", "name", "Create a role in a branch", OPTION(CreateRoleOptions, replace_existing), OPTION(CreateRoleOptions, role_id)),
    COMMAND(create_snapshot, "parent snapshot_id", "name", "Take a snapshot of a branch (preview)"),
    COMMAND(create_synced_table, "synced_table_id", "name", "Copy a table of Unity Catalog into PostgreSQL, and keep the copy up to date"),
    COMMAND(create_table, "| name", "", "Register a PostgreSQL table in Unity Catalog (preview)"),
    COMMAND(delete_branch, "name", "", "Delete a branch with everything in it", OPTION(DeleteBranchOptions, allow_missing), OPTION(DeleteBranchOptions, purge)),
    COMMAND(delete_catalog, "name", "", "Take a catalog out of Unity Catalog; the database stays"),
    COMMAND(delete_cdf_config, "name", "", "End a change data feed", OPTION(DeleteCdfConfigOptions, force)),
    COMMAND(delete_data_api, "name", "", "Disable the Data API of a database"),
    COMMAND(delete_database, "name", "", "Delete a database"),
    COMMAND(delete_endpoint, "name", "", "Delete an endpoint; its sessions end"),
    COMMAND(delete_forward_etl_configuration, "parent", "", "Delete a configuration of forward ETL for good (preview)", OPTION(DeleteForwardEtlConfigurationOptions, pg_database_oid), OPTION(DeleteForwardEtlConfigurationOptions, pg_schema_oid), OPTION(DeleteForwardEtlConfigurationOptions, tenant_id), OPTION(DeleteForwardEtlConfigurationOptions, timeline_id)),
    COMMAND(delete_project, "name", "", "Delete a project with everything in it", OPTION(DeleteProjectOptions, purge)),
    COMMAND(delete_recovery_branch_preview, "name", "", "Delete a recovery branch (preview)", OPTION(DeleteRecoveryBranchPreviewOptions, request_id)),
    COMMAND(delete_replication_group_preview, "name", "", "End a replication (preview)", OPTION(DeleteReplicationGroupPreviewOptions, etag), OPTION(DeleteReplicationGroupPreviewOptions, request_id)),
    COMMAND(delete_role, "name", "", "Delete a role", OPTION(DeleteRoleOptions, reassign_owned_to)),
    COMMAND(delete_snapshot, "name", "", "Delete a snapshot (preview)"),
    COMMAND(delete_synced_table, "name", "", "End a synchronization; the PostgreSQL table stays"),
    COMMAND(delete_table, "name", "", "Take a table out of Unity Catalog (preview)"),
    COMMAND(disable_forward_etl, "parent", "", "Turn forward ETL of a branch off (preview)", OPTION(DisableForwardEtlOptions, pg_database_oid), OPTION(DisableForwardEtlOptions, pg_schema_oid), OPTION(DisableForwardEtlOptions, tenant_id), OPTION(DisableForwardEtlOptions, timeline_id)),
    COMMAND(failover_replication_group_preview, "name | target_workspace", "", "Make another workspace the primary if the present one is lost (preview)", OPTION(FailoverReplicationGroupPreviewOptions, etag), OPTION(FailoverReplicationGroupPreviewOptions, request_id)),
    COMMAND(generate_database_credential, "| endpoint", "", "Create a password for an endpoint, valid for an hour at most", OPTION(GenerateDatabaseCredentialOptions, claims), OPTION(GenerateDatabaseCredentialOptions, expire_time), OPTION(GenerateDatabaseCredentialOptions, group_name), OPTION(GenerateDatabaseCredentialOptions, ttl)),
    COMMAND(get_branch, "name", "", "Show a branch"),
    COMMAND(get_catalog, "name", "", "Show a catalog"),
    COMMAND(get_cdf_config, "name", "", "Show a change data feed"),
    COMMAND(get_cdf_status, "name", "", "Show the state of a change data feed for one table"),
    COMMAND(get_compute_instance, "name", "", "Show a compute instance"),
    COMMAND(get_data_api, "name", "", "Show the Data API of a database"),
    COMMAND(get_database, "name", "", "Show a database"),
    COMMAND(get_endpoint, "name", "", "Show an endpoint"),
    COMMAND(get_forward_etl_metadata, "parent", "", "Show the databases and schemas of a branch by their OIDs (preview)", OPTION(GetForwardEtlMetadataOptions, tenant_id), OPTION(GetForwardEtlMetadataOptions, timeline_id)),
    COMMAND(get_forward_etl_status, "parent", "", "Show what forward ETL of a branch copies, and how far (preview)", OPTION(GetForwardEtlStatusOptions, tenant_id), OPTION(GetForwardEtlStatusOptions, timeline_id)),
    COMMAND(get_operation, "name", "", "Show a long-running operation"),
    COMMAND(get_project, "name", "", "Show a project"),
    COMMAND(get_recovery_branch_preview, "name", "", "Show a recovery branch (preview)"),
    COMMAND(get_replication_group_preview, "name", "", "Show a replication group (preview)"),
    COMMAND(get_role, "name", "", "Show a role"),
    COMMAND(get_snapshot, "name", "", "Show a snapshot"),
    COMMAND(get_snapshot_schedule, "name", "", "Show the schedule of snapshots of a branch (preview)"),
    COMMAND(get_synced_table, "name", "", "Show a synced table"),
    COMMAND(get_table, "name", "", "Show a table"),
    COMMAND(inspect_recovery_branch_preview, "name | branch_id", "", "Create a branch in which the data of a recovery branch can be inspected (preview)", OPTION(InspectRecoveryBranchPreviewOptions, request_id)),
    COMMAND(list_branches, "parent", "", "List branches", OPTION(ListBranchesOptions, page_size), OPTION(ListBranchesOptions, page_token), OPTION(ListBranchesOptions, show_deleted)),
    COMMAND(list_cdf_configs, "parent", "", "List the change data feeds of a database", OPTION(ListCdfConfigsOptions, page_size), OPTION(ListCdfConfigsOptions, page_token)),
    COMMAND(list_cdf_statuses, "parent", "", "List the states of a change data feed, table by table", OPTION(ListCdfStatusesOptions, page_size), OPTION(ListCdfStatusesOptions, page_token)),
    COMMAND(list_compute_instances, "parent", "", "List the computes behind an endpoint (preview)", OPTION(ListComputeInstancesOptions, page_size), OPTION(ListComputeInstancesOptions, page_token)),
    COMMAND(list_databases, "parent", "", "List databases", OPTION(ListDatabasesOptions, page_size), OPTION(ListDatabasesOptions, page_token)),
    COMMAND(list_endpoints, "parent", "", "List endpoints", OPTION(ListEndpointsOptions, page_size), OPTION(ListEndpointsOptions, page_token)),
    COMMAND(list_projects, "", "", "List the projects of the workspace", OPTION(ListProjectsOptions, page_size), OPTION(ListProjectsOptions, page_token), OPTION(ListProjectsOptions, show_deleted)),
    COMMAND(list_recovery_branch_previews, "parent", "", "List recovery branches (preview)", OPTION(ListRecoveryBranchPreviewsOptions, page_size), OPTION(ListRecoveryBranchPreviewsOptions, page_token)),
    COMMAND(list_replication_group_previews, "parent", "", "List replication groups (preview)", OPTION(ListReplicationGroupPreviewsOptions, page_size), OPTION(ListReplicationGroupPreviewsOptions, page_token)),
    COMMAND(list_roles, "parent", "", "List roles", OPTION(ListRolesOptions, page_size), OPTION(ListRolesOptions, page_token)),
    COMMAND(list_snapshots, "parent", "", "List snapshots", OPTION(ListSnapshotsOptions, page_size), OPTION(ListSnapshotsOptions, page_token)),
    COMMAND(reveal_role_password, "name", "", "Show the password of a role that has one"),
    COMMAND(switchover_replication_group_preview, "name | target_workspace", "", "Hand over from the present primary to another workspace (preview)", OPTION(SwitchoverReplicationGroupPreviewOptions, etag), OPTION(SwitchoverReplicationGroupPreviewOptions, request_id)),
    COMMAND(undelete_branch, "name", "", "Bring a soft-deleted branch back"),
    COMMAND(undelete_project, "name", "", "Bring a soft-deleted project back"),
    COMMAND(update_branch, "name update_mask", "name", "Change a branch"),
    COMMAND(update_data_api, "name update_mask", "name", "Change a data api"),
    COMMAND(update_database, "name update_mask", "name", "Change a database"),
    COMMAND(update_endpoint, "name update_mask", "name", "Change an endpoint"),
    COMMAND(update_project, "name update_mask", "name", "Change a project"),
    COMMAND(update_replication_group_preview, "name update_mask", "name", "Change a replication group (preview)", OPTION(UpdateReplicationGroupPreviewOptions, request_id)),
    COMMAND(update_role, "name update_mask", "name", "Change a role"),
    COMMAND(update_snapshot_schedule, "name update_mask", "name", "Set the schedule of snapshots of a branch (preview)"),
};
// clang-format on

}  // namespace

std::span<Command const> postgres_commands() {
  return commands_of_postgres;
}

}  // namespace lakebase::cli
