#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/enum.hpp>
#include <lakebase/operation.hpp>
#include <lakebase/postgres/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// Which releases of its runtime a synced table's pipeline runs on.
enum class NewPipelineSpecPipelineChannel {
  current,  ///< The default.
  preview,  ///< Earlier and less stable; some source tables need it.
  unrecognized,
};
constexpr std::array<std::string_view, 2> enum_names(NewPipelineSpecPipelineChannel) {
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

/// What a synced table is doing. In an `online…` state it can be read, with the rows of its last synchronization.
enum class SyncedTableState {
  offline,                             ///< Not readable.
  offline_failed,                      ///< Not readable: the table or its first copy failed.
  online,                              ///< Readable.
  online_continuous_update,            ///< Readable, and changes flow in as they happen.
  online_no_pending_update,            ///< Readable, and the last synchronization is complete.
  online_pipeline_failed,              ///< Readable with old rows: the pipeline failed.
  online_triggered_update,             ///< Readable, and an update is running.
  online_updating_pipeline_resources,  ///< Readable, and the pipeline is being changed.
  provisioning,                        ///< Being made.
  provisioning_initial_snapshot,       ///< Being filled for the first time.
  provisioning_pipeline_resources,     ///< Its pipeline is being made.
  unrecognized,
};
constexpr std::array<std::string_view, 11> enum_names(SyncedTableState) {
  return {"SYNCED_TABLE_OFFLINE",
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

/// How the value of an extra column comes about.
enum class SyncedTableSyncedTableSpecExtraColumnMaintenance {
  default_value,     ///< As the default of the column.
  stored_generated,  ///< As a stored generated column, kept up to date by PostgreSQL.
  unrecognized,
};
constexpr std::array<std::string_view, 2> enum_names(SyncedTableSyncedTableSpecExtraColumnMaintenance) {
  return {"DEFAULT_VALUE", "STORED_GENERATED"};
}

/// PostgreSQL types that a column can have instead of the one that its source type maps to.
enum class SyncedTableSyncedTableSpecPgSpecificType {
  halfvec,  ///< `halfvec` of pgvector, of `size` dimensions.
  varchar,  ///< `varchar` of at most `size` characters.
  vector,   ///< `vector` of pgvector, of `size` dimensions.
  unrecognized,
};
constexpr std::array<std::string_view, 3> enum_names(SyncedTableSyncedTableSpecPgSpecificType) {
  return {"PG_SPECIFIC_TYPE_HALFVEC", "PG_SPECIFIC_TYPE_VARCHAR", "PG_SPECIFIC_TYPE_VECTOR"};
}

/// When an index is made.
enum class SyncedTableSyncedTableSpecSecondaryIndexCreationPoint {
  after_data_load,  ///< Once the first copy of the rows is complete.
  unrecognized,
};
constexpr std::array<std::string_view, 1> enum_names(SyncedTableSyncedTableSpecSecondaryIndexCreationPoint) {
  return {"CREATION_POINT_AFTER_DATA_LOAD"};
}

/// When a synced table is updated with the changes of its source.
enum class SyncedTableSyncedTableSpecSyncedTableSchedulingPolicy {
  continuous,  ///< Within seconds, at intervals of 15 s or more. Requires change data feed on the source.
  snapshot,    ///< As a full copy, each time its pipeline runs.
  triggered,   ///< What changed, each time its pipeline runs. Requires change data feed on the source.
  unrecognized,
};
constexpr std::array<std::string_view, 3> enum_names(SyncedTableSyncedTableSpecSyncedTableSchedulingPolicy) {
  return {"CONTINUOUS", "SNAPSHOT", "TRIGGERED"};
}

/// A version of a source table in Delta Lake.
struct DeltaTableSyncInfo {
  /// When the version was committed in the source; not when its rows reached PostgreSQL.
  std::optional<Timestamp> delta_commit_time{};
  /// Number of the last version that was synchronized.
  std::optional<std::int64_t> delta_commit_version{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("delta_commit_time", &DeltaTableSyncInfo::delta_commit_time);
    field("delta_commit_version", &DeltaTableSyncInfo::delta_commit_version);
  }
  friend bool operator==(DeltaTableSyncInfo const&, DeltaTableSyncInfo const&) = default;
};

/// The pipeline that is to be made for a synced table.
struct NewPipelineSpec {
  /// Budget policy that the pipeline is charged to.
  std::optional<std::string> budget_policy_id{};
  /// Release channel of its runtime. Default: `current`.
  std::optional<Enum<NewPipelineSpecPipelineChannel>> pipeline_channel{};
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
    field("sync_progress_completion", &SyncedTablePipelineProgress::sync_progress_completion);
    field("synced_row_count", &SyncedTablePipelineProgress::synced_row_count);
    field("total_row_count", &SyncedTablePipelineProgress::total_row_count);
  }
  friend bool operator==(SyncedTablePipelineProgress const&, SyncedTablePipelineProgress const&) = default;
};

/// The last synchronization that succeeded.
struct SyncedTablePosition {
  /// Version of the source that it brought.
  std::optional<DeltaTableSyncInfo> delta_table_sync_info{};
  /// When its rows could be read in PostgreSQL.
  std::optional<Timestamp> sync_end_time{};
  /// When it began.
  std::optional<Timestamp> sync_start_time{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("delta_table_sync_info", &SyncedTablePosition::delta_table_sync_info);
    field("sync_end_time", &SyncedTablePosition::sync_end_time);
    field("sync_start_time", &SyncedTablePosition::sync_start_time);
  }
  friend bool operator==(SyncedTablePosition const&, SyncedTablePosition const&) = default;
};

/// A column of a synced table that its source does not have.
struct SyncedTableSyncedTableSpecExtraColumn {
  /// Required.
  std::optional<std::string> column_name{};
  /// Required. A PostgreSQL type: `tsvector`, `vector(1024)`.
  std::optional<std::string> column_type{};
  /// SQL expression that the value is computed with: `to_tsvector('english', content)`.
  std::optional<std::string> compute{};
  /// How PostgreSQL keeps the value.
  std::optional<Enum<SyncedTableSyncedTableSpecExtraColumnMaintenance>> maintenance{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("column_name", &SyncedTableSyncedTableSpecExtraColumn::column_name);
    field("column_type", &SyncedTableSyncedTableSpecExtraColumn::column_type);
    field("compute", &SyncedTableSyncedTableSpecExtraColumn::compute);
    field("maintenance", &SyncedTableSyncedTableSpecExtraColumn::maintenance);
  }
  friend bool operator==(SyncedTableSyncedTableSpecExtraColumn const&,
                         SyncedTableSyncedTableSpecExtraColumn const&) = default;
};

/// An index of a synced table besides that of its primary key.
struct SyncedTableSyncedTableSpecSecondaryIndex {
  /// Required. Name of the index in PostgreSQL.
  std::optional<std::string> name{};
  /// Required. What follows `ON table` in `CREATE INDEX`: `USING hnsw (embedding vector_cosine_ops)`.
  std::optional<std::string> definition{};
  /// When the index is made.
  std::optional<Enum<SyncedTableSyncedTableSpecSecondaryIndexCreationPoint>> creation_point{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("name", &SyncedTableSyncedTableSpecSecondaryIndex::name);
    field("definition", &SyncedTableSyncedTableSpecSecondaryIndex::definition);
    field("creation_point", &SyncedTableSyncedTableSpecSecondaryIndex::creation_point);
  }
  friend bool operator==(SyncedTableSyncedTableSpecSecondaryIndex const&,
                         SyncedTableSyncedTableSpecSecondaryIndex const&) = default;
};

/// The PostgreSQL type of one column, instead of the one that its source type maps to.
struct SyncedTableSyncedTableSpecTypeOverride {
  /// Required. Column of the source table.
  std::optional<std::string> column_name{};
  /// Required.
  std::optional<Enum<SyncedTableSyncedTableSpecPgSpecificType>> pg_type{};
  /// Dimensions of a vector, or characters of a `varchar`. Required for types that have a size.
  std::optional<std::int64_t> size{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("column_name", &SyncedTableSyncedTableSpecTypeOverride::column_name);
    field("pg_type", &SyncedTableSyncedTableSpecTypeOverride::pg_type);
    field("size", &SyncedTableSyncedTableSpecTypeOverride::size);
  }
  friend bool operator==(SyncedTableSyncedTableSpecTypeOverride const&,
                         SyncedTableSyncedTableSpecTypeOverride const&) = default;
};

/// Desired state of a synced table. Applies at creation only: a synced table cannot be changed.
struct SyncedTableSyncedTableSpec {
  /// Make the first copy in a faster way, meant for large tables. Default false; a preview that must be enabled for the
  /// workspace.
  std::optional<bool> accelerated_sync{};
  /// Full name of the branch to copy to. Required in a standard catalog; in a Lakebase catalog inferred from it, and
  /// must match it if set.
  std::optional<std::string> branch{};
  /// Create the PostgreSQL database and schema if they are missing. Default true; if false, a missing one is an error.
  std::optional<bool> create_database_objects_if_missing{};
  /// Existing pipeline that processes the table as well. Excludes `new_pipeline_spec`.
  std::optional<std::string> existing_pipeline_id{};
  /// Columns that only PostgreSQL has.
  std::vector<SyncedTableSyncedTableSpecExtraColumn> extra_columns{};
  /// Indexes to make on the table.
  std::vector<SyncedTableSyncedTableSpecSecondaryIndex> extra_index_definitions{};
  /// Pipeline to make for the table. Excludes `existing_pipeline_id`.
  std::optional<NewPipelineSpec> new_pipeline_spec{};
  /// PostgreSQL name of the database to copy to. Required in a standard catalog; in a Lakebase catalog inferred from
  /// it, and must match it if set.
  std::optional<std::string> postgres_database{};
  /// Columns that identify a row: the primary key. Rows with a null in one of them are left out.
  std::vector<std::string> primary_key_columns{};
  /// When changes are synchronized.
  std::optional<Enum<SyncedTableSyncedTableSpecSyncedTableSchedulingPolicy>> scheduling_policy{};
  /// Table in Unity Catalog to copy: `catalog.schema.table`. One source feeds at most 20 synced tables.
  std::optional<std::string> source_table_full_name{};
  /// Column that decides between rows of the same key: the latest wins.
  std::optional<std::string> timeseries_key{};
  /// Columns that get another PostgreSQL type than usual.
  std::vector<SyncedTableSyncedTableSpecTypeOverride> type_overrides{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("accelerated_sync", &SyncedTableSyncedTableSpec::accelerated_sync);
    field("branch", &SyncedTableSyncedTableSpec::branch);
    field("create_database_objects_if_missing", &SyncedTableSyncedTableSpec::create_database_objects_if_missing);
    field("existing_pipeline_id", &SyncedTableSyncedTableSpec::existing_pipeline_id);
    field("extra_columns", &SyncedTableSyncedTableSpec::extra_columns);
    field("extra_index_definitions", &SyncedTableSyncedTableSpec::extra_index_definitions);
    field("new_pipeline_spec", &SyncedTableSyncedTableSpec::new_pipeline_spec);
    field("postgres_database", &SyncedTableSyncedTableSpec::postgres_database);
    field("primary_key_columns", &SyncedTableSyncedTableSpec::primary_key_columns);
    field("scheduling_policy", &SyncedTableSyncedTableSpec::scheduling_policy);
    field("source_table_full_name", &SyncedTableSyncedTableSpec::source_table_full_name);
    field("timeseries_key", &SyncedTableSyncedTableSpec::timeseries_key);
    field("type_overrides", &SyncedTableSyncedTableSpec::type_overrides);
  }
  friend bool operator==(SyncedTableSyncedTableSpec const&, SyncedTableSyncedTableSpec const&) = default;
};

/// Observed state of a synced table. Set by the service.
struct SyncedTableSyncedTableStatus {
  /// What it is doing. A finished `create_synced_table` does not mean that the rows are there: this does.
  std::optional<Enum<SyncedTableState>> detailed_state{};
  /// Last version of the source that was fully synchronized.
  std::optional<std::int64_t> last_processed_commit_version{};
  /// The last synchronization that succeeded.
  std::optional<SyncedTablePosition> last_sync{};
  /// When rows were last synchronized.
  std::optional<Timestamp> last_sync_time{};
  /// The state in words.
  std::optional<std::string> message{};
  /// How far a running synchronization has come.
  std::optional<SyncedTablePipelineProgress> ongoing_sync_progress{};
  /// The pipeline that fills the table. To refresh a table by hand, start it through the pipelines API.
  std::optional<std::string> pipeline_id{};
  /// Full name of the project that the table is in.
  std::optional<std::string> project{};
  /// Which part of a synchronization is running.
  std::optional<Enum<ProvisioningPhase>> provisioning_phase{};
  /// How far Unity Catalog has come with the table's entry.
  std::optional<Enum<ProvisioningInfoState>> unity_catalog_provisioning_state{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("detailed_state", &SyncedTableSyncedTableStatus::detailed_state);
    field("last_processed_commit_version", &SyncedTableSyncedTableStatus::last_processed_commit_version);
    field("last_sync", &SyncedTableSyncedTableStatus::last_sync);
    field("last_sync_time", &SyncedTableSyncedTableStatus::last_sync_time);
    field("message", &SyncedTableSyncedTableStatus::message);
    field("ongoing_sync_progress", &SyncedTableSyncedTableStatus::ongoing_sync_progress);
    field("pipeline_id", &SyncedTableSyncedTableStatus::pipeline_id);
    field("project", &SyncedTableSyncedTableStatus::project);
    field("provisioning_phase", &SyncedTableSyncedTableStatus::provisioning_phase);
    field("unity_catalog_provisioning_state", &SyncedTableSyncedTableStatus::unity_catalog_provisioning_state);
  }
  friend bool operator==(SyncedTableSyncedTableStatus const&, SyncedTableSyncedTableStatus const&) = default;
};

/// A table of Unity Catalog copied into PostgreSQL and kept up to date there by a pipeline, for reading with low
/// latency. In PostgreSQL it may be read, indexed and dropped; writes to it break the synchronization.
struct SyncedTable {
  /// Set by the service.
  std::optional<Timestamp> create_time{};
  /// `synced_tables/{catalog}.{schema}.{table}`, of the copy. Set by the service.
  std::optional<std::string> name{};
  /// Sent in requests; the service may leave it out of its responses.
  std::optional<SyncedTableSyncedTableSpec> spec{};
  /// Set by the service.
  std::optional<SyncedTableSyncedTableStatus> status{};
  /// Last part of the name: `{catalog}.{schema}.{table}`. Set by the service.
  std::optional<std::string> synced_table_id{};
  /// Id of the table in Unity Catalog. Set by the service.
  std::optional<std::string> uid{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("create_time", &SyncedTable::create_time);
    field("name", &SyncedTable::name);
    field("spec", &SyncedTable::spec);
    field("status", &SyncedTable::status);
    field("synced_table_id", &SyncedTable::synced_table_id);
    field("uid", &SyncedTable::uid);
  }
  friend bool operator==(SyncedTable const&, SyncedTable const&) = default;
};

/// Metadata of an operation on a synced table: empty so far.
struct SyncedTableOperationMetadata {
  template <class Field>
  static constexpr void describe(Field&&) {}
  friend bool operator==(SyncedTableOperationMetadata const&, SyncedTableOperationMetadata const&) = default;
};

/// What `create_synced_table` returns.
using CreateSyncedTableOperation = lakebase::Operation<SyncedTable, SyncedTableOperationMetadata>;
/// What `delete_synced_table` returns.
using DeleteSyncedTableOperation = lakebase::Operation<void, SyncedTableOperationMetadata>;

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
