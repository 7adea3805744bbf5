#include "postgres/request_types.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::string_view list_prefix = "List[";

// A list of messages has their name in the brackets.
std::string_view element_of(std::string_view list) {
  list.remove_prefix(list_prefix.size());
  list.remove_suffix(1);
  return list;
}

void check_member(Fields const& body, RequestMember const& member, RequestTypes const& types) {
  auto const& [name, type] = member;
  if (type == "str") {
    static_cast<void>(body.text(name));
  } else if (type == "bool") {
    static_cast<void>(body.flag(name));
  } else if (type == "int") {
    static_cast<void>(body.integer(name));
  } else if (type == "float") {
    static_cast<void>(body.number(name));
  } else if (type == "Duration") {
    static_cast<void>(body.duration(name));
  } else if (type == "Timestamp") {
    static_cast<void>(body.time(name));
  } else if (type == "List[str]") {
    static_cast<void>(body.text_list(name));
  } else if (type == "Dict[str, str]") {
    static_cast<void>(body.text_map(name));
  } else if (type.starts_with(list_prefix)) {
    for (auto const& element : body.list(name)) check_types(element, types.at(element_of(type)), types);
  } else if (body.has(name)) {
    check_types(body.message(name), types.at(type), types);
  }
}

}  // namespace

RequestTypes const& request_types() {
  static RequestTypes const types{
      {"Branch", {{"spec", "BranchSpec"}}},
      {"BranchSpec",
       {{"expire_time", "Timestamp"},
        {"is_protected", "bool"},
        {"no_expiry", "bool"},
        {"source_branch", "str"},
        {"source_branch_lsn", "str"},
        {"source_branch_time", "Timestamp"},
        {"source_snapshot", "str"},
        {"ttl", "Duration"}}},
      {"Catalog", {{"spec", "CatalogCatalogSpec"}}},
      {"CatalogCatalogSpec", {{"postgres_database", "str"}, {"branch", "str"}, {"create_database_if_missing", "bool"}}},
      {"CdfConfig", {{"catalog", "str"}, {"schema", "str"}, {"postgres_schema", "str"}}},
      {"DailySchedule", {{"hour", "int"}}},
      {"DataApi", {{"spec", "DataApiDataApiSpec"}}},
      {"DataApiDataApiSpec",
       {{"db_aggregates_enabled", "bool"},
        {"db_anon_role", "str"},
        {"db_extra_search_path", "List[str]"},
        {"db_max_rows", "int"},
        {"db_schemas", "List[str]"},
        {"jwt_cache_max_lifetime", "Duration"},
        {"jwt_role_claim_key", "str"},
        {"openapi_mode", "str"},
        {"server_cors_allowed_origins", "List[str]"},
        {"server_timing_enabled", "bool"}}},
      {"Database", {{"spec", "DatabaseDatabaseSpec"}}},
      {"DatabaseDatabaseSpec", {{"role", "str"}, {"postgres_database", "str"}}},
      {"Endpoint", {{"spec", "EndpointSpec"}}},
      {"EndpointGroupSpec", {{"min", "int"}, {"max", "int"}, {"enable_readable_secondaries", "bool"}}},
      {"EndpointSettings", {{"pg_settings", "Dict[str, str]"}}},
      {"EndpointSpec",
       {{"endpoint_type", "str"},
        {"autoscaling_limit_max_cu", "float"},
        {"autoscaling_limit_min_cu", "float"},
        {"disabled", "bool"},
        {"group", "EndpointGroupSpec"},
        {"no_suspension", "bool"},
        {"settings", "EndpointSettings"},
        {"suspend_timeout_duration", "Duration"}}},
      {"InitialBranchSpec", {{"is_protected", "bool"}}},
      {"InitialDatabaseSpec", {{"postgres_database", "str"}}},
      {"InitialEndpointSpec",
       {{"autoscaling_limit_max_cu", "float"},
        {"autoscaling_limit_min_cu", "float"},
        {"group", "EndpointGroupSpec"},
        {"no_suspension", "bool"},
        {"suspend_timeout_duration", "Duration"}}},
      {"InitialRoleSpec",
       {{"attributes", "RoleAttributes"},
        {"auth_method", "str"},
        {"identity_type", "str"},
        {"membership_roles", "List[str]"},
        {"postgres_role", "str"}}},
      {"MonthlySchedule", {{"day", "int"}, {"hour", "int"}}},
      {"NewPipelineSpec",
       {{"budget_policy_id", "str"},
        {"pipeline_channel", "str"},
        {"storage_catalog", "str"},
        {"storage_schema", "str"}}},
      {"Project",
       {{"initial_branch_spec", "InitialBranchSpec"},
        {"initial_database_spec", "InitialDatabaseSpec"},
        {"initial_endpoint_spec", "InitialEndpointSpec"},
        {"initial_role_spec", "InitialRoleSpec"},
        {"spec", "ProjectSpec"}}},
      {"ProjectCustomTag", {{"key", "str"}, {"value", "str"}}},
      {"ProjectDefaultEndpointSettings",
       {{"autoscaling_limit_max_cu", "float"},
        {"autoscaling_limit_min_cu", "float"},
        {"no_suspension", "bool"},
        {"pg_settings", "Dict[str, str]"},
        {"suspend_timeout_duration", "Duration"}}},
      {"ProjectSpec",
       {{"budget_policy_id", "str"},
        {"compute_provisioner", "str"},
        {"custom_tags", "List[ProjectCustomTag]"},
        {"default_branch", "str"},
        {"default_endpoint_settings", "ProjectDefaultEndpointSettings"},
        {"display_name", "str"},
        {"enable_pg_native_login", "bool"},
        {"history_retention_duration", "Duration"},
        {"pg_version", "int"}}},
      {"RequestedClaims", {{"permission_set", "str"}, {"resources", "List[RequestedResource]"}}},
      {"RequestedResource", {{"table_name", "str"}}},
      {"Role", {{"spec", "RoleRoleSpec"}}},
      {"RoleAttributes", {{"bypassrls", "bool"}, {"createdb", "bool"}, {"createrole", "bool"}}},
      {"RoleRoleSpec",
       {{"attributes", "RoleAttributes"},
        {"auth_method", "str"},
        {"identity_type", "str"},
        {"membership_roles", "List[str]"},
        {"postgres_role", "str"}}},
      {"ScheduleCadence",
       {{"retention", "Duration"},
        {"daily_schedule", "DailySchedule"},
        {"monthly_schedule", "MonthlySchedule"},
        {"weekly_schedule", "WeeklySchedule"}}},
      {"Snapshot", {{"spec", "SnapshotSpec"}}},
      {"SnapshotSchedule", {{"schedule", "List[ScheduleCadence]"}}},
      {"SnapshotSpec",
       {{"source_branch", "str"},
        {"expire_time", "Timestamp"},
        {"no_expiry", "bool"},
        {"source_branch_lsn", "str"},
        {"source_branch_time", "Timestamp"},
        {"ttl", "Duration"}}},
      {"SyncedTable", {{"spec", "SyncedTableSyncedTableSpec"}}},
      {"SyncedTableSyncedTableSpec",
       {{"accelerated_sync", "bool"},
        {"branch", "str"},
        {"create_database_objects_if_missing", "bool"},
        {"existing_pipeline_id", "str"},
        {"extra_columns", "List[SyncedTableSyncedTableSpecExtraColumn]"},
        {"extra_index_definitions", "List[SyncedTableSyncedTableSpecSecondaryIndex]"},
        {"new_pipeline_spec", "NewPipelineSpec"},
        {"postgres_database", "str"},
        {"primary_key_columns", "List[str]"},
        {"scheduling_policy", "str"},
        {"source_table_full_name", "str"},
        {"timeseries_key", "str"},
        {"type_overrides", "List[SyncedTableSyncedTableSpecTypeOverride]"}}},
      {"SyncedTableSyncedTableSpecExtraColumn",
       {{"column_name", "str"}, {"column_type", "str"}, {"compute", "str"}, {"maintenance", "str"}}},
      {"SyncedTableSyncedTableSpecSecondaryIndex", {{"name", "str"}, {"definition", "str"}, {"creation_point", "str"}}},
      {"SyncedTableSyncedTableSpecTypeOverride", {{"column_name", "str"}, {"pg_type", "str"}, {"size", "int"}}},
      {"Table", {{"name", "str"}, {"database", "str"}}},
      {"WeeklySchedule", {{"day_of_week", "str"}, {"hour", "int"}}},
      {"GenerateDatabaseCredentialRequest",
       {{"claims", "List[RequestedClaims]"},
        {"endpoint", "str"},
        {"expire_time", "Timestamp"},
        {"group_name", "str"},
        {"ttl", "Duration"}}},
  };
  return types;
}

void check_types(Fields const& body, RequestMessage const& message, RequestTypes const& types) {
  for (auto const& member : message) check_member(body, member, types);
}

}  // namespace lakebase::emulator
