#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/json.hpp"
#include "postgres/forward_declarations.hpp"

namespace lakebase::emulator {

/// A column that has another type than the one that its source type maps to.
struct TypeOverrideRecord {
  std::string column_name;
  std::string pg_type;
  std::optional<std::int64_t> size;

  template <class Field>
  static void describe(Field&& field) {
    field("column_name", &TypeOverrideRecord::column_name);
    field("pg_type", &TypeOverrideRecord::pg_type);
    field("size", &TypeOverrideRecord::size);
  }
};

/// A column that the source does not have.
struct ExtraColumnRecord {
  std::string column_name;
  std::string column_type;
  std::string compute;
  std::string maintenance;

  template <class Field>
  static void describe(Field&& field) {
    field("column_name", &ExtraColumnRecord::column_name);
    field("column_type", &ExtraColumnRecord::column_type);
    field("compute", &ExtraColumnRecord::compute);
    field("maintenance", &ExtraColumnRecord::maintenance);
  }
};

struct ExtraIndexRecord {
  std::string name;
  std::string definition;
  std::string creation_point;

  template <class Field>
  static void describe(Field&& field) {
    field("name", &ExtraIndexRecord::name);
    field("definition", &ExtraIndexRecord::definition);
    field("creation_point", &ExtraIndexRecord::creation_point);
  }
};

struct NewPipelineRecord {
  std::string storage_catalog;
  std::string storage_schema;
  std::string budget_policy_id;
  std::string pipeline_channel;

  template <class Field>
  static void describe(Field&& field) {
    field("storage_catalog", &NewPipelineRecord::storage_catalog);
    field("storage_schema", &NewPipelineRecord::storage_schema);
    field("budget_policy_id", &NewPipelineRecord::budget_policy_id);
    field("pipeline_channel", &NewPipelineRecord::pipeline_channel);
  }
};

/// What a synced table is to be, besides the database in which it is.
struct SyncedTableSpecRecord {
  std::string source_table;
  std::vector<std::string> primary_key_columns;
  std::string timeseries_key;
  /// SNAPSHOT, TRIGGERED or CONTINUOUS.
  std::string scheduling_policy = "SNAPSHOT";
  bool create_database_objects_if_missing = true;
  bool accelerated_sync = false;
  /// Empty: it has a new pipeline.
  std::string existing_pipeline_id;
  NewPipelineRecord new_pipeline;
  std::vector<TypeOverrideRecord> type_overrides;
  std::vector<ExtraColumnRecord> extra_columns;
  std::vector<ExtraIndexRecord> extra_indexes;

  template <class Field>
  static void describe(Field&& field) {
    field("source_table", &SyncedTableSpecRecord::source_table);
    field("primary_key_columns", &SyncedTableSpecRecord::primary_key_columns);
    field("timeseries_key", &SyncedTableSpecRecord::timeseries_key);
    field("scheduling_policy", &SyncedTableSpecRecord::scheduling_policy);
    field("create_database_objects_if_missing", &SyncedTableSpecRecord::create_database_objects_if_missing);
    field("accelerated_sync", &SyncedTableSpecRecord::accelerated_sync);
    field("existing_pipeline_id", &SyncedTableSpecRecord::existing_pipeline_id);
    field("new_pipeline", &SyncedTableSpecRecord::new_pipeline);
    field("type_overrides", &SyncedTableSpecRecord::type_overrides);
    field("extra_columns", &SyncedTableSpecRecord::extra_columns);
    field("extra_indexes", &SyncedTableSpecRecord::extra_indexes);
  }
};

/// Reads `synced_table.spec` and checks it by itself. @throws ServiceError
SyncedTableSpecRecord read_synced_table(Fields const& spec);
/// As in requests, without what is empty.
Json synced_table_spec_json(SyncedTableSpecRecord const& spec);

}  // namespace lakebase::emulator
