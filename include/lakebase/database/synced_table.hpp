#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/database/common.hpp>
#include <lakebase/enum.hpp>

namespace lakebase {
inline namespace v0 {
namespace database {

/// Which releases of its runtime a pipeline runs on. Preview: not in a released SDK of Databricks yet.
enum class PipelineChannel {
  current,  ///< The default.
  preview,  ///< Earlier and less stable; some source tables need it.
  unrecognized,
};
constexpr std::array<std::string_view, 2> enum_names(PipelineChannel) {
  return {"CURRENT", "PREVIEW"};
}

/// How far Unity Catalog has come with an entity.
enum class ProvisioningInfoState {
  active,        ///< Usable.
  degraded,      ///< Usable in part.
  deleting,      ///< Being deleted.
  failed,        ///< Could not be made.
  provisioning,  ///< Being made.
  updating,      ///< Being changed.
  unrecognized,
};
constexpr std::array<std::string_view, 6> enum_names(ProvisioningInfoState) {
  return {"ACTIVE", "DEGRADED", "DELETING", "FAILED", "PROVISIONING", "UPDATING"};
}

/// Which part of a synchronization is running.
enum class ProvisioningPhase {
  index_scan,  ///< Reads the loaded rows for an index.
  index_sort,  ///< Sorts what the index is made of.
  main,        ///< Copies the rows.
  unrecognized,
};
constexpr std::array<std::string_view, 3> enum_names(ProvisioningPhase) {
  return {"PROVISIONING_PHASE_INDEX_SCAN", "PROVISIONING_PHASE_INDEX_SORT", "PROVISIONING_PHASE_MAIN"};
}

/// When a synced table is updated with the changes of its source.
enum class SyncedTableSchedulingPolicy {
  continuous,  ///< Within seconds, at intervals of 15 s or more. Requires change data feed on the source.
  snapshot,    ///< As a full copy, each time its pipeline runs.
  triggered,   ///< What changed, each time its pipeline runs. Requires change data feed on the source.
  unrecognized,
};
constexpr std::array<std::string_view, 3> enum_names(SyncedTableSchedulingPolicy) {
  return {"CONTINUOUS", "SNAPSHOT", "TRIGGERED"};
}

/// How the value of an extra column comes about. Preview: not in a released SDK of Databricks yet.
enum class SyncedTableSpecExtraColumnMaintenance {
  default_value,     ///< As the default of the column.
  stored_generated,  ///< As a stored generated column, kept up to date by PostgreSQL.
  unrecognized,
};
constexpr std::array<std::string_view, 2> enum_names(SyncedTableSpecExtraColumnMaintenance) {
  return {"DEFAULT_VALUE", "STORED_GENERATED"};
}

/// PostgreSQL types that a column can have instead of the one that its source type maps to.
enum class SyncedTableSpecPgSpecificType {
  halfvec,  ///< `halfvec` of pgvector, of `size` dimensions.
  varchar,  ///< `varchar` of at most `size` characters.
  vector,   ///< `vector` of pgvector, of `size` dimensions.
  unrecognized,
};
constexpr std::array<std::string_view, 3> enum_names(SyncedTableSpecPgSpecificType) {
  return {"PG_SPECIFIC_TYPE_HALFVEC", "PG_SPECIFIC_TYPE_VARCHAR", "PG_SPECIFIC_TYPE_VECTOR"};
}

/// When an index is made. Preview: not in a released SDK of Databricks yet.
enum class SyncedTableSpecSecondaryIndexCreationPoint {
  after_data_load,  ///< Once the first copy of the rows is complete.
  unrecognized,
};
constexpr std::array<std::string_view, 1> enum_names(SyncedTableSpecSecondaryIndexCreationPoint) {
  return {"CREATION_POINT_AFTER_DATA_LOAD"};
}

/// What a synced table is doing. In an `online` state it can be read, with the rows of its last synchronization.
enum class SyncedTableState {
  tabled_offline,                            ///< Not readable. (The service spells it so.)
  table_offline_failed,                      ///< Not readable: the table or its first copy failed.
  table_online,                              ///< Readable.
  table_online_continuous_update,            ///< Readable, and changes flow in as they happen.
  table_online_no_pending_update,            ///< Readable, and the last synchronization is complete.
  table_online_pipeline_failed,              ///< Readable with old rows: the pipeline failed.
  table_online_triggered_update,             ///< Readable, and an update is running.
  table_online_updating_pipeline_resources,  ///< Readable, and the pipeline is being changed.
  table_provisioning,                        ///< Being made.
  table_provisioning_initial_snapshot,       ///< Being filled for the first time.
  table_provisioning_pipeline_resources,     ///< Its pipeline is being made.
  unrecognized,
};
constexpr std::array<std::string_view, 11> enum_names(SyncedTableState) {
  return {"SYNCED_TABLED_OFFLINE",
          "SYNCED_TABLE_OFFLINE_FAILED",
          "SYNCED_TABLE_ONLINE",
          "SYNCED_TABLE_ONLINE_CONTINUOUS_UPDATE",
          "SYNCED_TABLE_ONLINE_NO_PENDING_UPDATE",
          "SYNCED_TABLE_ONLINE_PIPELINE_FAILED",
          "SYNCED_TABLE_ONLINE_TRIGGERED_UPDATE",
          "SYNCED_TABLE_ONLINE_UPDATING_PIPELINE_RESOURCES",
          "SYNCED_TABLE_PROVISIONING",
          "SYNCED_TABLE_PROVISIONING_INITIAL_SNAPSHOT",
          "SYNCED_TABLE_PROVISIONING_PIPELINE_RESOURCES"};
}

/// A version of a source table in Delta Lake.
struct DeltaTableSyncInfo {
  /// When the version was committed in the source; not when its rows reached PostgreSQL.
  std::optional<std::string> delta_commit_timestamp{};
  /// Number of the last version that was synchronized.
  std::optional<std::int64_t> delta_commit_version{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("delta_commit_timestamp", &DeltaTableSyncInfo::delta_commit_timestamp);
    field("delta_commit_version", &DeltaTableSyncInfo::delta_commit_version);
  }
  friend bool operator==(DeltaTableSyncInfo const&, DeltaTableSyncInfo const&) = default;
};

/// The pipeline that is to be made for a synced table.
struct NewPipelineSpec {
  /// Budget policy that the pipeline is charged to.
  std::optional<std::string> budget_policy_id{};
  /// Release channel of its runtime. Default: `current`. Preview: not in a released SDK of Databricks yet.
  std::optional<Enum<PipelineChannel>> pipeline_channel{};
  /// Catalog for what the pipeline writes for itself: checkpoints, event logs. A standard one, in which the caller may
  /// create Delta tables.
  std::optional<std::string> storage_catalog{};
  /// Schema of `storage_catalog` for the same.
  std::optional<std::string> storage_schema{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("budget_policy_id", &NewPipelineSpec::budget_policy_id);
    field("pipeline_channel", &NewPipelineSpec::pipeline_channel);
    field("storage_catalog", &NewPipelineSpec::storage_catalog);
    field("storage_schema", &NewPipelineSpec::storage_schema);
  }
  friend bool operator==(NewPipelineSpec const&, NewPipelineSpec const&) = default;
};

/// How far a running synchronization has come.
struct SyncedTablePipelineProgress {
  /// Estimated seconds until it is complete.
  std::optional<double> estimated_completion_time_seconds{};
  /// Version of the source that it is at; perhaps not through with it.
  std::optional<std::int64_t> latest_version_currently_processing{};
  /// Which part of it is running.
  std::optional<Enum<ProvisioningPhase>> provisioning_phase{};
  /// Share that is done, 0 to 1.
  std::optional<double> sync_progress_completion{};
  /// Rows synchronized so far.
  std::optional<std::int64_t> synced_row_count{};
  /// Rows to synchronize in all; may be an estimate.
  std::optional<std::int64_t> total_row_count{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("estimated_completion_time_seconds", &SyncedTablePipelineProgress::estimated_completion_time_seconds);
    field("latest_version_currently_processing", &SyncedTablePipelineProgress::latest_version_currently_processing);
    field("provisioning_phase", &SyncedTablePipelineProgress::provisioning_phase);
    field("sync_progress_completion", &SyncedTablePipelineProgress::sync_progress_completion);
    field("synced_row_count", &SyncedTablePipelineProgress::synced_row_count);
    field("total_row_count", &SyncedTablePipelineProgress::total_row_count);
  }
  friend bool operator==(SyncedTablePipelineProgress const&, SyncedTablePipelineProgress const&) = default;
};

/// Of a table that changes flow into as they happen.
struct SyncedTableContinuousUpdateStatus {
  /// How far the first copy has come.
  std::optional<SyncedTablePipelineProgress> initial_pipeline_sync_progress{};
  /// Last version of the source that was fully synchronized.
  std::optional<std::int64_t> last_processed_commit_version{};
  /// When that version reached PostgreSQL.
  std::optional<std::string> timestamp{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("initial_pipeline_sync_progress", &SyncedTableContinuousUpdateStatus::initial_pipeline_sync_progress);
    field("last_processed_commit_version", &SyncedTableContinuousUpdateStatus::last_processed_commit_version);
    field("timestamp", &SyncedTableContinuousUpdateStatus::timestamp);
  }
  friend bool operator==(SyncedTableContinuousUpdateStatus const&, SyncedTableContinuousUpdateStatus const&) = default;
};

/// Of a table that failed.
struct SyncedTableFailedStatus {
  /// Last version of the source that was fully synchronized.
  std::optional<std::int64_t> last_processed_commit_version{};
  /// When that version reached PostgreSQL.
  std::optional<std::string> timestamp{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("last_processed_commit_version", &SyncedTableFailedStatus::last_processed_commit_version);
    field("timestamp", &SyncedTableFailedStatus::timestamp);
  }
  friend bool operator==(SyncedTableFailedStatus const&, SyncedTableFailedStatus const&) = default;
};

/// The last synchronization that succeeded.
struct SyncedTablePosition {
  /// Version of the source that it brought.
  std::optional<DeltaTableSyncInfo> delta_table_sync_info{};
  /// When its rows could be read in PostgreSQL.
  std::optional<std::string> sync_end_timestamp{};
  /// When it began.
  std::optional<std::string> sync_start_timestamp{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("delta_table_sync_info", &SyncedTablePosition::delta_table_sync_info);
    field("sync_end_timestamp", &SyncedTablePosition::sync_end_timestamp);
    field("sync_start_timestamp", &SyncedTablePosition::sync_start_timestamp);
  }
  friend bool operator==(SyncedTablePosition const&, SyncedTablePosition const&) = default;
};

/// Of a table that is being made.
struct SyncedTableProvisioningStatus {
  /// How far the first copy has come.
  std::optional<SyncedTablePipelineProgress> initial_pipeline_sync_progress{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("initial_pipeline_sync_progress", &SyncedTableProvisioningStatus::initial_pipeline_sync_progress);
  }
  friend bool operator==(SyncedTableProvisioningStatus const&, SyncedTableProvisioningStatus const&) = default;
};

/// A column of a synced table that its source does not have. Preview: not in a released SDK of Databricks yet.
struct SyncedTableSpecExtraColumn {
  /// Required.
  std::optional<std::string> column_name{};
  /// Required. A PostgreSQL type: `tsvector`, `vector(1024)`.
  std::optional<std::string> column_type{};
  /// SQL expression that the value is computed with: `to_tsvector('english', content)`.
  std::optional<std::string> compute{};
  /// How PostgreSQL keeps the value.
  std::optional<Enum<SyncedTableSpecExtraColumnMaintenance>> maintenance{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("column_name", &SyncedTableSpecExtraColumn::column_name);
    field("column_type", &SyncedTableSpecExtraColumn::column_type);
    field("compute", &SyncedTableSpecExtraColumn::compute);
    field("maintenance", &SyncedTableSpecExtraColumn::maintenance);
  }
  friend bool operator==(SyncedTableSpecExtraColumn const&, SyncedTableSpecExtraColumn const&) = default;
};

/// An index of a synced table besides that of its primary key. Preview: not in a released SDK of Databricks yet.
struct SyncedTableSpecSecondaryIndex {
  /// Required. Name of the index in PostgreSQL.
  std::optional<std::string> name{};
  /// Required. What follows `ON table` in `CREATE INDEX`: `USING hnsw (embedding vector_cosine_ops)`.
  std::optional<std::string> definition{};
  /// When the index is made.
  std::optional<Enum<SyncedTableSpecSecondaryIndexCreationPoint>> creation_point{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("name", &SyncedTableSpecSecondaryIndex::name);
    field("definition", &SyncedTableSpecSecondaryIndex::definition);
    field("creation_point", &SyncedTableSpecSecondaryIndex::creation_point);
  }
  friend bool operator==(SyncedTableSpecSecondaryIndex const&, SyncedTableSpecSecondaryIndex const&) = default;
};

/// The PostgreSQL type of one column, instead of the one that its source type maps to.
struct SyncedTableSpecTypeOverride {
  /// Required. Column of the source table.
  std::optional<std::string> column_name{};
  /// Required.
  std::optional<Enum<SyncedTableSpecPgSpecificType>> pg_type{};
  /// Dimensions of a vector, or characters of a `varchar`. Required for types that have a size.
  std::optional<std::int64_t> size{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("column_name", &SyncedTableSpecTypeOverride::column_name);
    field("pg_type", &SyncedTableSpecTypeOverride::pg_type);
    field("size", &SyncedTableSpecTypeOverride::size);
  }
  friend bool operator==(SyncedTableSpecTypeOverride const&, SyncedTableSpecTypeOverride const&) = default;
};

/// Desired state of a synced table. Applies at creation only: a synced table cannot be changed.
struct SyncedTableSpec {
  /// Make the first copy in a faster way, meant for large tables. Default false.
  std::optional<bool> accelerated_sync{};
  /// Create the PostgreSQL database and schema if they are missing. Default: a missing one is an error.
  std::optional<bool> create_database_objects_if_missing{};
  /// Existing pipeline that processes the table as well. Excludes `new_pipeline_spec`.
  std::optional<std::string> existing_pipeline_id{};
  /// Columns that only PostgreSQL has. Preview: not in a released SDK of Databricks yet.
  std::vector<SyncedTableSpecExtraColumn> extra_columns{};
  /// Indexes to make on the table. Preview: not in a released SDK of Databricks yet.
  std::vector<SyncedTableSpecSecondaryIndex> extra_index_definitions{};
  /// Pipeline to make for the table. Excludes `existing_pipeline_id`.
  std::optional<NewPipelineSpec> new_pipeline_spec{};
  /// Columns that identify a row: the primary key.
  std::vector<std::string> primary_key_columns{};
  /// When changes are synchronized.
  std::optional<Enum<SyncedTableSchedulingPolicy>> scheduling_policy{};
  /// Table in Unity Catalog to copy: `catalog.schema.table`.
  std::optional<std::string> source_table_full_name{};
  /// Column that decides between rows of the same key: the latest wins.
  std::optional<std::string> timeseries_key{};
  /// Columns that get another PostgreSQL type than usual.
  std::vector<SyncedTableSpecTypeOverride> type_overrides{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("accelerated_sync", &SyncedTableSpec::accelerated_sync);
    field("create_database_objects_if_missing", &SyncedTableSpec::create_database_objects_if_missing);
    field("existing_pipeline_id", &SyncedTableSpec::existing_pipeline_id);
    field("extra_columns", &SyncedTableSpec::extra_columns);
    field("extra_index_definitions", &SyncedTableSpec::extra_index_definitions);
    field("new_pipeline_spec", &SyncedTableSpec::new_pipeline_spec);
    field("primary_key_columns", &SyncedTableSpec::primary_key_columns);
    field("scheduling_policy", &SyncedTableSpec::scheduling_policy);
    field("source_table_full_name", &SyncedTableSpec::source_table_full_name);
    field("timeseries_key", &SyncedTableSpec::timeseries_key);
    field("type_overrides", &SyncedTableSpec::type_overrides);
  }
  friend bool operator==(SyncedTableSpec const&, SyncedTableSpec const&) = default;
};

/// Of a table that an update of its pipeline brings up to date.
struct SyncedTableTriggeredUpdateStatus {
  /// Last version of the source that was fully synchronized.
  std::optional<std::int64_t> last_processed_commit_version{};
  /// When that version reached PostgreSQL.
  std::optional<std::string> timestamp{};
  /// How far the update has come.
  std::optional<SyncedTablePipelineProgress> triggered_update_progress{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("last_processed_commit_version", &SyncedTableTriggeredUpdateStatus::last_processed_commit_version);
    field("timestamp", &SyncedTableTriggeredUpdateStatus::timestamp);
    field("triggered_update_progress", &SyncedTableTriggeredUpdateStatus::triggered_update_progress);
  }
  friend bool operator==(SyncedTableTriggeredUpdateStatus const&, SyncedTableTriggeredUpdateStatus const&) = default;
};

/// Observed state of a synced table. Set by the service.
struct SyncedTableStatus {
  /// Set while changes flow in, one of four.
  std::optional<SyncedTableContinuousUpdateStatus> continuous_update_status{};
  /// What it is doing. That the table was created does not mean that its rows are there: this does.
  std::optional<Enum<SyncedTableState>> detailed_state{};
  /// Set once it failed, one of four.
  std::optional<SyncedTableFailedStatus> failed_status{};
  /// The last synchronization that succeeded.
  std::optional<SyncedTablePosition> last_sync{};
  /// The state in words.
  std::optional<std::string> message{};
  /// The pipeline that fills the table. To refresh a table by hand, start it through the pipelines API.
  std::optional<std::string> pipeline_id{};
  /// Set while it is being made, one of four.
  std::optional<SyncedTableProvisioningStatus> provisioning_status{};
  /// Set while an update runs, one of four.
  std::optional<SyncedTableTriggeredUpdateStatus> triggered_update_status{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("continuous_update_status", &SyncedTableStatus::continuous_update_status);
    field("detailed_state", &SyncedTableStatus::detailed_state);
    field("failed_status", &SyncedTableStatus::failed_status);
    field("last_sync", &SyncedTableStatus::last_sync);
    field("message", &SyncedTableStatus::message);
    field("pipeline_id", &SyncedTableStatus::pipeline_id);
    field("provisioning_status", &SyncedTableStatus::provisioning_status);
    field("triggered_update_status", &SyncedTableStatus::triggered_update_status);
  }
  friend bool operator==(SyncedTableStatus const&, SyncedTableStatus const&) = default;
};

/// A table of Unity Catalog copied into PostgreSQL and kept up to date there by a pipeline, for reading with low
/// latency. In PostgreSQL it may be read, indexed and dropped; writes to it break the synchronization.
struct SyncedDatabaseTable {
  /// Required. `catalog.schema.table` of the copy.
  std::optional<std::string> name{};
  /// Set by the service.
  std::optional<SyncedTableStatus> data_synchronization_status{};
  /// The branch of Autoscaling to copy to. Preview: not in a released SDK of Databricks yet.
  std::optional<std::string> database_branch_id{};
  /// The instance to copy to. Required in a standard catalog; in a registered one inferred, and must match if set.
  std::optional<std::string> database_instance_name{};
  /// The project of Autoscaling to copy to. Preview: not in a released SDK of Databricks yet.
  std::optional<std::string> database_project_id{};
  /// The branch of Autoscaling that it is in. Set by the service. Preview: not in a released SDK of Databricks yet.
  std::optional<std::string> effective_database_branch_id{};
  /// The instance that it is in. Set by the service.
  std::optional<std::string> effective_database_instance_name{};
  /// The project of Autoscaling that it is in. Set by the service. Preview: not in a released SDK of Databricks yet.
  std::optional<std::string> effective_database_project_id{};
  /// The database that it is in. Set by the service.
  std::optional<std::string> effective_logical_database_name{};
  /// The database in PostgreSQL to copy to. Required in a standard catalog; in a registered one inferred, and must
  /// match if set.
  std::optional<std::string> logical_database_name{};
  /// What is copied, and when.
  std::optional<SyncedTableSpec> spec{};
  /// Where its rows are served over HTTP. Set by the service. Preview: not in a released SDK of Databricks yet.
  std::optional<std::string> table_serving_url{};
  /// How far Unity Catalog has come with the table's entry. Set by the service.
  std::optional<Enum<ProvisioningInfoState>> unity_catalog_provisioning_state{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("name", &SyncedDatabaseTable::name);
    field("data_synchronization_status", &SyncedDatabaseTable::data_synchronization_status);
    field("database_branch_id", &SyncedDatabaseTable::database_branch_id);
    field("database_instance_name", &SyncedDatabaseTable::database_instance_name);
    field("database_project_id", &SyncedDatabaseTable::database_project_id);
    field("effective_database_branch_id", &SyncedDatabaseTable::effective_database_branch_id);
    field("effective_database_instance_name", &SyncedDatabaseTable::effective_database_instance_name);
    field("effective_database_project_id", &SyncedDatabaseTable::effective_database_project_id);
    field("effective_logical_database_name", &SyncedDatabaseTable::effective_logical_database_name);
    field("logical_database_name", &SyncedDatabaseTable::logical_database_name);
    field("spec", &SyncedDatabaseTable::spec);
    field("table_serving_url", &SyncedDatabaseTable::table_serving_url);
    field("unity_catalog_provisioning_state", &SyncedDatabaseTable::unity_catalog_provisioning_state);
  }
  friend bool operator==(SyncedDatabaseTable const&, SyncedDatabaseTable const&) = default;
};

/// One page of `list_synced_database_tables`, as the API sends it.
struct ListSyncedDatabaseTablesResponse {
  /// Empty on the last page.
  std::optional<std::string> next_page_token{};
  /// In no documented order.
  std::vector<SyncedDatabaseTable> synced_tables{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("next_page_token", &ListSyncedDatabaseTablesResponse::next_page_token);
    field("synced_tables", &ListSyncedDatabaseTablesResponse::synced_tables);
  }
  friend bool operator==(ListSyncedDatabaseTablesResponse const&, ListSyncedDatabaseTablesResponse const&) = default;
};

/// Options of `delete_synced_database_table`.
struct DeleteSyncedDatabaseTableOptions {
  /// Drop the table in PostgreSQL as well. Default false: it stays.
  std::optional<bool> purge_data{};
};

/// Options of `list_synced_database_tables`.
struct ListSyncedDatabaseTablesOptions {
  /// Maximum number of items on one page, at most 100; the service may send fewer.
  std::optional<std::int64_t> page_size{};
  /// Starts at the page of this token instead of at the first.
  std::optional<std::string> page_token{};
};

}  // namespace database
}  // namespace v0
}  // namespace lakebase
