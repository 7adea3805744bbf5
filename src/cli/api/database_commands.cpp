#include "cli/api/method.hpp"

namespace lakebase::cli {
namespace {

using namespace database;

#define COMMAND(method, positionals, body_flags, summary, ...) \
  command<&DatabaseClient::method __VA_OPT__(, ) __VA_ARGS__>("database", #method, positionals, body_flags, summary)
#define OPTION(Options, member) Option<#member, &Options::member>

// clang-format off
constexpr Command commands_of_database[] = {
    COMMAND(create_database_catalog, "| name database_instance_name database_name", "create_database_if_not_exists", "Register a database of an instance in Unity Catalog"),
    COMMAND(create_database_instance, "| name", "capacity enable_pg_native_login enable_readable_secondaries node_count retention_window_in_days stopped usage_policy_id", "Create an instance"),
    COMMAND(create_database_instance_role, "instance_name | name", "identity_type membership_role instance_name", "Create a role in an instance", OPTION(CreateDatabaseInstanceRoleOptions, database_instance_name)),
    COMMAND(create_database_table, "| name", "database_instance_name logical_database_name", "Register a PostgreSQL table in Unity Catalog"),
    COMMAND(create_synced_database_table, "| name", "database_instance_name logical_database_name", "Copy a table of Unity Catalog into an instance, and keep the copy up to date"),
    COMMAND(delete_database_catalog, "name", "", "Take a catalog out of Unity Catalog; the database stays"),
    COMMAND(delete_database_instance, "name", "", "Delete an instance with everything in it", OPTION(DeleteDatabaseInstanceOptions, force), OPTION(DeleteDatabaseInstanceOptions, purge)),
    COMMAND(delete_database_instance_role, "instance_name name", "", "Delete a role of an instance", OPTION(DeleteDatabaseInstanceRoleOptions, allow_missing), OPTION(DeleteDatabaseInstanceRoleOptions, reassign_owned_to)),
    COMMAND(delete_database_table, "name", "", "Take a table out of Unity Catalog"),
    COMMAND(delete_synced_database_table, "name", "", "End a synchronization", OPTION(DeleteSyncedDatabaseTableOptions, purge_data)),
    COMMAND(failover_database_instance, "name |", "", "Make a secondary of an instance its primary (preview)", OPTION(FailoverDatabaseInstanceOptions, failover_target_database_instance_name)),
    COMMAND(find_database_instance_by_uid, "", "", "Show the instance of a uid", OPTION(FindDatabaseInstanceByUidOptions, uid)),
    COMMAND(generate_database_credential, "|", "", "Create a password for instances, valid for an hour", OPTION(GenerateDatabaseCredentialOptions, claims), OPTION(GenerateDatabaseCredentialOptions, instance_names), OPTION(GenerateDatabaseCredentialOptions, request_id)),
    COMMAND(get_database_catalog, "name", "", "Show a database catalog"),
    COMMAND(get_database_instance, "name", "", "Show a database instance"),
    COMMAND(get_database_instance_role, "instance_name name", "", "Show a database instance role"),
    COMMAND(get_database_table, "name", "", "Show a database table"),
    COMMAND(get_synced_database_table, "name", "", "Show a synced database table"),
    COMMAND(list_database_catalogs, "instance_name", "", "List database catalogs", OPTION(ListDatabaseCatalogsOptions, page_size), OPTION(ListDatabaseCatalogsOptions, page_token)),
    COMMAND(list_database_instance_roles, "instance_name", "", "List database instance roles", OPTION(ListDatabaseInstanceRolesOptions, page_size), OPTION(ListDatabaseInstanceRolesOptions, page_token)),
    COMMAND(list_database_instances, "", "", "List the instances of the workspace", OPTION(ListDatabaseInstancesOptions, page_size), OPTION(ListDatabaseInstancesOptions, page_token)),
    COMMAND(list_synced_database_tables, "instance_name", "", "List synced database tables", OPTION(ListSyncedDatabaseTablesOptions, page_size), OPTION(ListSyncedDatabaseTablesOptions, page_token)),
    COMMAND(update_database_catalog, "name update_mask | database_instance_name database_name", "create_database_if_not_exists", "Change a database catalog"),
    COMMAND(update_database_instance, "name update_mask", "capacity enable_pg_native_login enable_readable_secondaries node_count retention_window_in_days stopped usage_policy_id", "Change a database instance"),
    COMMAND(update_database_instance_role, "instance_name name", "identity_type membership_role", "Change a database instance role", OPTION(UpdateDatabaseInstanceRoleOptions, database_instance_name)),
    COMMAND(update_synced_database_table, "name update_mask", "database_instance_name logical_database_name", "Change a synced database table"),
    COMMAND(upgrade_instance_to_autoscaling, "name", "", "Move an instance to Autoscaling (preview); there is no way back"),
};
// clang-format on

}  // namespace

std::span<Command const> database_commands() {
  return commands_of_database;
}

}  // namespace lakebase::cli
