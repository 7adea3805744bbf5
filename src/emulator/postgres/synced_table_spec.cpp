#include "postgres/synced_table_spec.hpp"

#include <set>

#include <fmt/format.h>

#include "engine/errors.hpp"
#include "engine/fields.hpp"
#include "postgres/registered.hpp"

namespace lakebase::emulator {
namespace {

void require_distinct(Fields const& spec, std::string_view list, std::vector<std::string> const& names) {
  std::set<std::string> seen;
  for (auto const& name : names) {
    if (!seen.insert(name).second) {
      throw invalid(fmt::format("Field '{}' holds '{}' twice.", spec.path_of(list), name));
    }
  }
}

// The names by which the elements of a list are told apart.
template <class Record>
void require_distinct(Fields const& spec, std::string_view list, std::vector<Record> const& records,
                      std::string Record::*member) {
  std::vector<std::string> names;
  for (auto const& record : records) names.push_back(record.*member);
  require_distinct(spec, list, names);
}

std::string read_source(Fields const& spec) {
  auto const source = spec.required_text("source_table_full_name");
  if (parse_table_name(source)) return source;
  throw invalid(fmt::format("Field '{}' expects 'catalog.schema.table' format, got '{}'.",
                            spec.path_of("source_table_full_name"), source));
}

std::vector<std::string> read_key(Fields const& spec) {
  auto columns = spec.text_list("primary_key_columns");
  auto const path = spec.path_of("primary_key_columns");
  if (columns.empty()) throw required_field(path);
  for (auto const& column : columns) {
    if (column.empty()) throw invalid(fmt::format("Field '{}' must not hold an empty name.", path));
    if (column.find('\0') != std::string::npos) throw invalid(fmt::format("Field '{}' must not hold NUL.", path));
  }
  require_distinct(spec, "primary_key_columns", columns);
  return columns;
}

NewPipelineRecord read_new_pipeline(Fields const& pipeline) {
  return {.storage_catalog = pipeline.text("storage_catalog").value_or(""),
          .storage_schema = pipeline.text("storage_schema").value_or(""),
          .budget_policy_id = pipeline.text("budget_policy_id").value_or(""),
          .pipeline_channel = pipeline.choice("pipeline_channel", {"CURRENT", "PREVIEW"})};
}

TypeOverrideRecord read_type_override(Fields const& element) {
  TypeOverrideRecord type;
  type.column_name = element.required_text("column_name");
  element.required_text("pg_type");
  type.pg_type =
      element.choice("pg_type", {"PG_SPECIFIC_TYPE_VECTOR", "PG_SPECIFIC_TYPE_HALFVEC", "PG_SPECIFIC_TYPE_VARCHAR"});
  type.size = element.integer("size");
  if (type.size && *type.size < 1) throw invalid(fmt::format("Field '{}' must be positive.", element.path_of("size")));
  return type;
}

// What becomes part of a statement must not end it and begin another one.
void require_one_statement(Fields const& element, std::string_view field) {
  auto const text = element.text(field).value_or("");
  if (text.find_first_of(std::string_view{";\0", 2}) == std::string::npos) return;
  throw invalid(fmt::format("Field '{}' must be a part of one statement, without ';'.", element.path_of(field)));
}

ExtraColumnRecord read_extra_column(Fields const& element) {
  for (auto const* field : {"column_type", "compute"}) require_one_statement(element, field);
  return {.column_name = element.required_text("column_name"),
          .column_type = element.required_text("column_type"),
          .compute = element.text("compute").value_or(""),
          .maintenance = element.choice("maintenance", {"DEFAULT_VALUE", "STORED_GENERATED"})};
}

ExtraIndexRecord read_extra_index(Fields const& element) {
  require_one_statement(element, "definition");
  return {.name = element.required_text("name"),
          .definition = element.required_text("definition"),
          .creation_point = element.choice("creation_point", {"CREATION_POINT_AFTER_DATA_LOAD"})};
}

// Adds a member unless it is empty.
void put(Json& json, char const* name, std::string const& text) {
  if (!text.empty()) json[name] = text;
}

template <class Record, class Function>
void put_list(Json& json, char const* name, std::vector<Record> const& records, Function const& element) {
  for (auto const& record : records) json[name].push_back(element(record));
}

Json new_pipeline_json(NewPipelineRecord const& pipeline) {
  Json json = Json::object();
  put(json, "storage_catalog", pipeline.storage_catalog);
  put(json, "storage_schema", pipeline.storage_schema);
  put(json, "budget_policy_id", pipeline.budget_policy_id);
  put(json, "pipeline_channel", pipeline.pipeline_channel);
  return json;
}

Json type_override_json(TypeOverrideRecord const& type) {
  Json json{{"column_name", type.column_name}, {"pg_type", type.pg_type}};
  if (type.size) json["size"] = *type.size;
  return json;
}

Json extra_column_json(ExtraColumnRecord const& column) {
  Json json{{"column_name", column.column_name}, {"column_type", column.column_type}};
  put(json, "compute", column.compute);
  put(json, "maintenance", column.maintenance);
  return json;
}

Json extra_index_json(ExtraIndexRecord const& index) {
  Json json{{"name", index.name}, {"definition", index.definition}};
  put(json, "creation_point", index.creation_point);
  return json;
}

}  // namespace

SyncedTableSpecRecord read_synced_table(Fields const& spec) {
  SyncedTableSpecRecord table;
  table.source_table = read_source(spec);
  table.primary_key_columns = read_key(spec);
  table.timeseries_key = spec.text("timeseries_key").value_or("");
  auto const policy = spec.choice("scheduling_policy", {"SNAPSHOT", "TRIGGERED", "CONTINUOUS"});
  if (!policy.empty()) table.scheduling_policy = policy;
  table.create_database_objects_if_missing = spec.flag("create_database_objects_if_missing").value_or(true);
  table.accelerated_sync = spec.flag("accelerated_sync").value_or(false);
  table.existing_pipeline_id = spec.text("existing_pipeline_id").value_or("");
  table.new_pipeline = read_new_pipeline(spec.message("new_pipeline_spec"));
  if (!table.existing_pipeline_id.empty() && spec.has("new_pipeline_spec")) {
    throw invalid(fmt::format("At most one of '{}' and '{}' can be set.", spec.path_of("existing_pipeline_id"),
                              spec.path_of("new_pipeline_spec")));
  }
  for (auto const& element : spec.list("type_overrides")) table.type_overrides.push_back(read_type_override(element));
  require_distinct(spec, "type_overrides", table.type_overrides, &TypeOverrideRecord::column_name);
  for (auto const& element : spec.list("extra_columns")) table.extra_columns.push_back(read_extra_column(element));
  require_distinct(spec, "extra_columns", table.extra_columns, &ExtraColumnRecord::column_name);
  for (auto const& element : spec.list("extra_index_definitions")) {
    table.extra_indexes.push_back(read_extra_index(element));
  }
  require_distinct(spec, "extra_index_definitions", table.extra_indexes, &ExtraIndexRecord::name);
  return table;
}

Json synced_table_spec_json(SyncedTableSpecRecord const& spec) {
  Json json{{"source_table_full_name", spec.source_table},
            {"primary_key_columns", spec.primary_key_columns},
            {"scheduling_policy", spec.scheduling_policy},
            {"create_database_objects_if_missing", spec.create_database_objects_if_missing}};
  put(json, "timeseries_key", spec.timeseries_key);
  if (spec.accelerated_sync) json["accelerated_sync"] = true;
  put(json, "existing_pipeline_id", spec.existing_pipeline_id);
  if (auto pipeline = new_pipeline_json(spec.new_pipeline); !pipeline.empty()) json["new_pipeline_spec"] = pipeline;
  put_list(json, "type_overrides", spec.type_overrides, type_override_json);
  put_list(json, "extra_columns", spec.extra_columns, extra_column_json);
  put_list(json, "extra_index_definitions", spec.extra_indexes, extra_index_json);
  return json;
}

}  // namespace lakebase::emulator
