// What w.postgres has, to be held against its manifest by the tests of this folder. That the list of methods is whole
// is for the manifest to tell, and for compare_surface_test.py, which reads the headers: C++ cannot list them.

#include <string>
#include <vector>

#include <lakebase/postgres_client.hpp>

#include "postgres/models.def"
#include "postgres/requests.hpp"
#include "surface/client_methods.hpp"
#include "surface/client_models.hpp"
#include "surface/service.hpp"

// A namespace of its own, for the services have types of the same names.
namespace lakebase::tests::of_postgres {
namespace {

using namespace postgres;

#define METHOD_WITH_OPTIONS(name, full, minimal) LAKEBASE_METHOD_WITH_OPTIONS(PostgresClient, name, full, minimal)
#define METHOD(name, arguments) METHOD_WITH_OPTIONS(name, arguments, arguments)

// clang-format off
std::vector<Method> methods_of_postgres() {
  return {
      METHOD_WITH_OPTIONS(create_branch, (text("parent"), filled<Branch>(), text("branch_id"), {.replace_existing = flag("replace_existing")}), (text("parent"), filled<Branch>(), text("branch_id"))),
      METHOD(create_catalog, (filled<Catalog>(), text("catalog_id"))),
      METHOD_WITH_OPTIONS(create_cdf_config, (text("parent"), filled<CdfConfig>(), {.cdf_config_id = text("cdf_config_id")}), (text("parent"), filled<CdfConfig>())),
      METHOD(create_data_api, (text("parent"), filled<DataApi>())),
      METHOD_WITH_OPTIONS(create_database, (text("parent"), filled<Database>(), {.database_id = text("database_id"), .replace_existing = flag("replace_existing")}), (text("parent"), filled<Database>())),
      METHOD_WITH_OPTIONS(create_endpoint, (text("parent"), filled<Endpoint>(), text("endpoint_id"), {.replace_existing = flag("replace_existing")}), (text("parent"), filled<Endpoint>(), text("endpoint_id"))),
      METHOD(create_project, (filled<Project>(), text("project_id"))),
      METHOD_WITH_OPTIONS(create_replication_group_preview, (text("parent"), filled<ReplicationGroupPreview>(), text("replication_group_preview_id"), {.request_id = text("request_id")}), (text("parent"), filled<ReplicationGroupPreview>(), text("replication_group_preview_id"))),
      METHOD_WITH_OPTIONS(create_role, (text("parent"), filled<Role>(), {.replace_existing = flag("replace_existing"), .role_id = text("role_id")}), (text("parent"), filled<Role>())),
      METHOD(create_snapshot, (text("parent"), filled<Snapshot>(), text("snapshot_id"))),
      METHOD(create_synced_table, (filled<SyncedTable>(), text("synced_table_id"))),
      METHOD(create_table, (filled<Table>())),
      METHOD_WITH_OPTIONS(delete_branch, (text("name"), {.allow_missing = flag("allow_missing"), .purge = flag("purge")}), (text("name"))),
      METHOD(delete_catalog, (text("name"))),
      METHOD_WITH_OPTIONS(delete_cdf_config, (text("name"), {.force = flag("force")}), (text("name"))),
      METHOD(delete_data_api, (text("name"))),
      METHOD(delete_database, (text("name"))),
      METHOD(delete_endpoint, (text("name"))),
      METHOD_WITH_OPTIONS(delete_forward_etl_configuration, (text("parent"), {.pg_database_oid = number("pg_database_oid"), .pg_schema_oid = number("pg_schema_oid"), .tenant_id = text("tenant_id"), .timeline_id = text("timeline_id")}), (text("parent"))),
      METHOD_WITH_OPTIONS(delete_project, (text("name"), {.purge = flag("purge")}), (text("name"))),
      METHOD_WITH_OPTIONS(delete_recovery_branch_preview, (text("name"), {.request_id = text("request_id")}), (text("name"))),
      METHOD_WITH_OPTIONS(delete_replication_group_preview, (text("name"), {.etag = text("etag"), .request_id = text("request_id")}), (text("name"))),
      METHOD_WITH_OPTIONS(delete_role, (text("name"), {.reassign_owned_to = text("reassign_owned_to")}), (text("name"))),
      METHOD(delete_snapshot, (text("name"))),
      METHOD(delete_synced_table, (text("name"))),
      METHOD(delete_table, (text("name"))),
      METHOD_WITH_OPTIONS(disable_forward_etl, (text("parent"), {.pg_database_oid = number("pg_database_oid"), .pg_schema_oid = number("pg_schema_oid"), .tenant_id = text("tenant_id"), .timeline_id = text("timeline_id")}), (text("parent"))),
      METHOD_WITH_OPTIONS(failover_replication_group_preview, (text("name"), text("target_workspace"), {.etag = text("etag"), .request_id = text("request_id")}), (text("name"), text("target_workspace"))),
      METHOD_WITH_OPTIONS(generate_database_credential, (text("endpoint"), {.claims = {filled<RequestedClaims>()}, .expire_time = filled<Timestamp>(), .group_name = text("group_name"), .ttl = filled<Duration>()}), (text("endpoint"))),
      METHOD(get_branch, (text("name"))),
      METHOD(get_catalog, (text("name"))),
      METHOD(get_cdf_config, (text("name"))),
      METHOD(get_cdf_status, (text("name"))),
      METHOD(get_compute_instance, (text("name"))),
      METHOD(get_data_api, (text("name"))),
      METHOD(get_database, (text("name"))),
      METHOD(get_endpoint, (text("name"))),
      METHOD_WITH_OPTIONS(get_forward_etl_metadata, (text("parent"), {.tenant_id = text("tenant_id"), .timeline_id = text("timeline_id")}), (text("parent"))),
      METHOD_WITH_OPTIONS(get_forward_etl_status, (text("parent"), {.tenant_id = text("tenant_id"), .timeline_id = text("timeline_id")}), (text("parent"))),
      METHOD(get_operation, (text("name"))),
      METHOD(get_project, (text("name"))),
      METHOD(get_recovery_branch_preview, (text("name"))),
      METHOD(get_replication_group_preview, (text("name"))),
      METHOD(get_role, (text("name"))),
      METHOD(get_snapshot, (text("name"))),
      METHOD(get_snapshot_schedule, (text("name"))),
      METHOD(get_synced_table, (text("name"))),
      METHOD(get_table, (text("name"))),
      METHOD_WITH_OPTIONS(inspect_recovery_branch_preview, (text("name"), text("branch_id"), {.request_id = text("request_id")}), (text("name"), text("branch_id"))),
      METHOD_WITH_OPTIONS(list_branches, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token"), .show_deleted = flag("show_deleted")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_cdf_configs, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_cdf_statuses, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_compute_instances, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_databases, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_endpoints, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_projects, ({.page_size = number("page_size"), .page_token = text("page_token"), .show_deleted = flag("show_deleted")}), ()),
      METHOD_WITH_OPTIONS(list_recovery_branch_previews, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_replication_group_previews, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_roles, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD_WITH_OPTIONS(list_snapshots, (text("parent"), {.page_size = number("page_size"), .page_token = text("page_token")}), (text("parent"))),
      METHOD(reveal_role_password, (text("name"))),
      METHOD_WITH_OPTIONS(switchover_replication_group_preview, (text("name"), text("target_workspace"), {.etag = text("etag"), .request_id = text("request_id")}), (text("name"), text("target_workspace"))),
      METHOD(undelete_branch, (text("name"))),
      METHOD(undelete_project, (text("name"))),
      METHOD(update_branch, (text("name"), filled<Branch>(), mask())),
      METHOD(update_data_api, (text("name"), filled<DataApi>(), mask())),
      METHOD(update_database, (text("name"), filled<Database>(), mask())),
      METHOD(update_endpoint, (text("name"), filled<Endpoint>(), mask())),
      METHOD(update_project, (text("name"), filled<Project>(), mask())),
      METHOD_WITH_OPTIONS(update_replication_group_preview, (text("name"), filled<ReplicationGroupPreview>(), mask(), {.request_id = text("request_id")}), (text("name"), filled<ReplicationGroupPreview>(), mask())),
      METHOD(update_role, (text("name"), filled<Role>(), mask())),
      METHOD(update_snapshot_schedule, (text("name"), filled<SnapshotSchedule>(), mask())),
  };
}
// clang-format on

std::vector<Model> models_of_postgres() {
  return {
#define LAKEBASE_MODEL(Name) model_of<postgres::Name>(),
      LAKEBASE_POSTGRES_MODELS(LAKEBASE_MODEL)
#undef LAKEBASE_MODEL
  };
}

#define LAKEBASE_CHECK_REQUEST_ARITY(Request)                                          \
  static_assert(member_count<detail::Request>() == described_count<detail::Request>(), \
                #Request "::describe does not list as many members as the struct has");
LAKEBASE_POSTGRES_REQUESTS(LAKEBASE_CHECK_REQUEST_ARITY)

// Python's names of the operation types.
#define LAKEBASE_WRAPPERS(X)                                                          \
  X(CreateBranchOperation, create_branch)                                             \
  X(CreateCatalogOperation, create_catalog)                                           \
  X(CreateCdfConfigOperation, create_cdf_config)                                      \
  X(CreateDataApiOperation, create_data_api)                                          \
  X(CreateDatabaseOperation, create_database)                                         \
  X(CreateEndpointOperation, create_endpoint)                                         \
  X(CreateProjectOperation, create_project)                                           \
  X(CreateReplicationGroupPreviewOperation, create_replication_group_preview)         \
  X(CreateRoleOperation, create_role)                                                 \
  X(CreateSnapshotOperation, create_snapshot)                                         \
  X(CreateSyncedTableOperation, create_synced_table)                                  \
  X(DeleteBranchOperation, delete_branch)                                             \
  X(DeleteCatalogOperation, delete_catalog)                                           \
  X(DeleteCdfConfigOperation, delete_cdf_config)                                      \
  X(DeleteDataApiOperation, delete_data_api)                                          \
  X(DeleteDatabaseOperation, delete_database)                                         \
  X(DeleteEndpointOperation, delete_endpoint)                                         \
  X(DeleteProjectOperation, delete_project)                                           \
  X(DeleteRecoveryBranchPreviewOperation, delete_recovery_branch_preview)             \
  X(DeleteReplicationGroupPreviewOperation, delete_replication_group_preview)         \
  X(DeleteRoleOperation, delete_role)                                                 \
  X(DeleteSnapshotOperation, delete_snapshot)                                         \
  X(DeleteSyncedTableOperation, delete_synced_table)                                  \
  X(FailoverReplicationGroupPreviewOperation, failover_replication_group_preview)     \
  X(InspectRecoveryBranchPreviewOperation, inspect_recovery_branch_preview)           \
  X(SwitchoverReplicationGroupPreviewOperation, switchover_replication_group_preview) \
  X(UndeleteBranchOperation, undelete_branch)                                         \
  X(UndeleteProjectOperation, undelete_project)                                       \
  X(UpdateBranchOperation, update_branch)                                             \
  X(UpdateDataApiOperation, update_data_api)                                          \
  X(UpdateDatabaseOperation, update_database)                                         \
  X(UpdateEndpointOperation, update_endpoint)                                         \
  X(UpdateProjectOperation, update_project)                                           \
  X(UpdateReplicationGroupPreviewOperation, update_replication_group_preview)         \
  X(UpdateRoleOperation, update_role)                                                 \
  X(UpdateSnapshotScheduleOperation, update_snapshot_schedule)

#define LAKEBASE_CHECK(Wrapper, method) LAKEBASE_CHECK_WRAPPER(PostgresClient, Wrapper, method);
LAKEBASE_WRAPPERS(LAKEBASE_CHECK)

AddedService const postgres_service{"postgres", [] {
                                      return Service{
                                          .name = "postgres",
                                          .manifest = read_manifest("postgres"),
                                          .methods = methods_of_postgres(),
                                          .models = models_of_postgres(),
#define LAKEBASE_NAME(Wrapper, method) #Wrapper,
                                          .operation_wrappers = {LAKEBASE_WRAPPERS(LAKEBASE_NAME)},
#undef LAKEBASE_NAME
                                          // One reads by POST because it reveals a secret, and one makes a new password
                                          // each time and does not mind. See docs/adr/0002-retries-of-writes.md.
                                          .safe_writes = {"reveal_role_password", "generate_database_credential"}};
                                    }};

#undef METHOD
#undef METHOD_WITH_OPTIONS
#undef LAKEBASE_CHECK_REQUEST_ARITY

}  // namespace
}  // namespace lakebase::tests::of_postgres
