#include "mcp/tools/sync_tool.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <lakebase/error.hpp>

#include "base/ascii.hpp"
#include "tools/errors.hpp"

namespace lakebase::mcp {
namespace {

constexpr std::string_view sync_actions = "create_or_update, delete";
constexpr std::array<std::string_view, 3> policies = {"SNAPSHOT", "TRIGGERED", "CONTINUOUS"};

struct SyncArguments {
  std::string action{};
  std::optional<std::string> instance_name{};
  std::optional<std::string> source_table_name{};
  std::optional<std::string> target_table_name{};
  std::optional<std::string> catalog_name{};
  std::optional<std::string> database_name = "databricks_postgres";
  std::optional<std::vector<std::string>> primary_key_columns{};
  std::optional<std::string> scheduling_policy = "TRIGGERED";
  std::optional<std::string> table_name{};
  std::optional<std::string> confirm{};

  template <class Field>
  static void describe(Field&& field) {
    field("action", &SyncArguments::action, "create_or_update or delete");
    field("instance_name", &SyncArguments::instance_name, "Database instance to sync into");
    field("source_table_name", &SyncArguments::source_table_name,
          "Table of Unity Catalog to copy: catalog.schema.table");
    field("target_table_name", &SyncArguments::target_table_name, "Name of the synced table: catalog.schema.table");
    field("catalog_name", &SyncArguments::catalog_name,
          "Catalog of the instance's database, made if it is missing; default: the first part of target_table_name. A "
          "delete removes it only if it is named");
    field("database_name", &SyncArguments::database_name, "Database of the instance");
    field("primary_key_columns", &SyncArguments::primary_key_columns, "Columns that identify a row of the source");
    field("scheduling_policy", &SyncArguments::scheduling_policy, "SNAPSHOT, TRIGGERED or CONTINUOUS");
    field("table_name", &SyncArguments::table_name, "Synced table to delete: catalog.schema.table");
    field("confirm", &SyncArguments::confirm, "The code of the confirmation that this tool asked for before");
  }
};

struct CatalogResult {
  std::optional<std::string> name{};
  std::optional<std::string> instance_name{};
  std::optional<std::string> database_name{};
  std::optional<std::string> status{};
  std::optional<std::string> message{};
  std::optional<std::string> error{};

  template <class Field>
  static void describe(Field&& field) {
    field("name", &CatalogResult::name);
    field("instance_name", &CatalogResult::instance_name);
    field("database_name", &CatalogResult::database_name);
    field("status", &CatalogResult::status);
    field("message", &CatalogResult::message);
    field("error", &CatalogResult::error);
  }
};

struct TableResult {
  std::optional<std::string> table_name{};
  std::optional<std::string> instance_name{};
  std::optional<std::string> source_table_name{};
  std::optional<std::string> target_table_name{};
  std::optional<std::string> scheduling_policy{};
  std::optional<std::vector<std::string>> primary_key_columns{};
  std::optional<std::string> status{};
  std::optional<std::string> message{};
  std::optional<std::string> error{};

  template <class Field>
  static void describe(Field&& field) {
    field("table_name", &TableResult::table_name);
    field("instance_name", &TableResult::instance_name);
    field("source_table_name", &TableResult::source_table_name);
    field("target_table_name", &TableResult::target_table_name);
    field("scheduling_policy", &TableResult::scheduling_policy);
    field("primary_key_columns", &TableResult::primary_key_columns);
    field("status", &TableResult::status);
    field("message", &TableResult::message);
    field("error", &TableResult::error);
  }
};

struct SyncOutcome {
  std::optional<CatalogResult> catalog{};
  std::optional<TableResult> synced_table{};
  std::optional<bool> created{};
  std::optional<std::string> status{};
  std::optional<std::string> message{};
  std::optional<std::string> error{};
  std::optional<std::string> confirm{};

  template <class Field>
  static void describe(Field&& field) {
    field("catalog", &SyncOutcome::catalog);
    field("synced_table", &SyncOutcome::synced_table);
    field("created", &SyncOutcome::created);
    field("status", &SyncOutcome::status);
    field("message", &SyncOutcome::message);
    field("error", &SyncOutcome::error);
    field("confirm", &SyncOutcome::confirm, "To be brought back, if the user agrees");
  }
};

CatalogResult put_catalog(WorkspaceClient const& w, std::string const& name, SyncArguments const& wanted) {
  CatalogResult result;
  result.name = name;
  try {
    auto const found = w.database.get_database_catalog(name);
    result.instance_name = found.database_instance_name;
    result.database_name = found.database_name;
    result.status = "EXISTS";
    return result;
  } catch (NotFound const&) {
  }
  database::DatabaseCatalog request;
  request.name = name;
  request.database_instance_name = wanted.instance_name;
  request.database_name = wanted.database_name;
  request.create_database_if_not_exists = true;
  tools::attempt(fmt::format("create catalog '{}'", name), [&] { return w.database.create_database_catalog(request); });
  result.instance_name = wanted.instance_name;
  result.database_name = wanted.database_name;
  result.status = "created";
  result.message = fmt::format("Catalog '{}' was registered.", name);
  return result;
}

TableResult show(database::SyncedDatabaseTable const& table) {
  TableResult result;
  result.table_name = table.name;
  result.instance_name =
      table.effective_database_instance_name ? table.effective_database_instance_name : table.database_instance_name;
  if (table.spec) {
    result.source_table_name = table.spec->source_table_full_name;
    result.scheduling_policy = word(table.spec->scheduling_policy);
    if (!table.spec->primary_key_columns.empty()) result.primary_key_columns = table.spec->primary_key_columns;
  }
  if (table.data_synchronization_status) {
    result.status = word(table.data_synchronization_status->detailed_state);
    result.message = table.data_synchronization_status->message;
  }
  return result;
}

std::string policy_of(SyncArguments const& wanted) {
  auto policy = detail::upper(wanted.scheduling_policy.value_or("TRIGGERED"));
  if (std::find(policies.begin(), policies.end(), policy) != policies.end()) return policy;
  throw BadArgument(fmt::format("scheduling_policy must be SNAPSHOT, TRIGGERED or CONTINUOUS, and not '{}'", policy));
}

/// Catalog, schema and table.
std::array<std::string, 3> parts_of(std::string_view argument, std::string const& name) {
  auto const first = name.find('.');
  auto const second = first == std::string::npos ? first : name.find('.', first + 1);
  if (second == std::string::npos || first == 0 || second == first + 1 || second + 1 == name.size()) {
    throw BadArgument(fmt::format("{} must be catalog.schema.table, and not '{}'", argument, name));
  }
  return {name.substr(0, first), name.substr(first + 1, second - first - 1), name.substr(second + 1)};
}

TableResult create_table(WorkspaceClient const& w, SyncArguments const& wanted) {
  auto const policy = policy_of(wanted);
  database::SyncedDatabaseTable request;
  request.name = wanted.target_table_name;
  request.database_instance_name = wanted.instance_name;
  request.logical_database_name = wanted.database_name;
  auto& spec = request.spec.emplace();
  spec.source_table_full_name = wanted.source_table_name;
  spec.primary_key_columns = wanted.primary_key_columns.value_or(std::vector<std::string>{});
  spec.scheduling_policy = Enum<database::SyncedTableSchedulingPolicy>::from_wire(policy);
  spec.create_database_objects_if_missing = true;
  // The pipeline's data lie beside the source: the target's catalog is PostgreSQL's and holds none.
  auto const source = parts_of("source_table_name", *wanted.source_table_name);
  spec.new_pipeline_spec.emplace();
  spec.new_pipeline_spec->storage_catalog = source[0];
  spec.new_pipeline_spec->storage_schema = source[1];
  tools::attempt(fmt::format("create synced table '{}'", *wanted.target_table_name),
                 [&] { return w.database.create_synced_database_table(request); });
  TableResult result;
  result.instance_name = wanted.instance_name;
  result.source_table_name = wanted.source_table_name;
  result.target_table_name = wanted.target_table_name;
  result.scheduling_policy = policy;
  result.status = "CREATING";
  result.message = "The first copy is being made; its state tells when the rows are there.";
  return result;
}

SyncOutcome put(WorkspaceClient const& w, SyncArguments const& wanted) {
  auto const missing = [](std::optional<std::string> const& text) { return text.value_or("").empty(); };
  if (missing(wanted.instance_name) || missing(wanted.source_table_name) || missing(wanted.target_table_name)) {
    throw Refusal{"create_or_update requires: instance_name, source_table_name, target_table_name"};
  }
  // All is looked at before the catalog is made, which would stay behind.
  policy_of(wanted);
  parts_of("source_table_name", *wanted.source_table_name);
  auto const& target = *wanted.target_table_name;
  auto const catalog_of_target = parts_of("target_table_name", target)[0];
  auto const catalog = missing(wanted.catalog_name) ? catalog_of_target : *wanted.catalog_name;
  SyncOutcome outcome;
  outcome.catalog = put_catalog(w, catalog, wanted);
  try {
    outcome.synced_table = show(w.database.get_synced_database_table(target));
    outcome.created = false;
  } catch (NotFound const&) {
    outcome.synced_table = create_table(w, wanted);
    outcome.created = true;
  }
  return outcome;
}

/// `deleted`, or what there is not.
template <class Result, class Delete>
void remove(Result& result, std::string_view what, std::string const& name, Delete const& remove_it) {
  try {
    remove_it();
    result.status = "deleted";
  } catch (NotFound const&) {
    result.status = "NOT_FOUND";
    result.error = fmt::format("{} '{}' not found.", what, name);
  }
}

SyncOutcome take_away(WorkspaceClient const& w, SyncArguments const& wanted) {
  auto const& table = *wanted.table_name;
  SyncOutcome outcome;
  auto& gone = outcome.synced_table.emplace();
  gone.table_name = table;
  remove(gone, "Synced table", table, [&] { w.database.delete_synced_database_table(table); });
  gone.message = "The table in PostgreSQL stays, with its rows: drop it there.";
  if (gone.error) {
    gone.message.reset();
    outcome.error = gone.error;
  }
  if (auto const catalog = wanted.catalog_name.value_or(""); !catalog.empty()) {
    auto& removed = outcome.catalog.emplace();
    removed.name = catalog;
    remove(removed, "Catalog", catalog, [&] { w.database.delete_database_catalog(catalog); });
    if (removed.error) outcome.error = removed.error;
  }
  return outcome;
}

}  // namespace

Tool sync_tool(Workspace& workspace) {
  auto tool = typed_tool<SyncArguments>(
      "manage_lakebase_sync",
      "Creates and deletes synced tables: copies of Unity Catalog tables in a Lakebase Provisioned instance.",
      [&workspace](Call& call, SyncArguments const& arguments) {
        auto const action = action_of(arguments.action, sync_actions);
        workspace.require_instances_in_scope();
        if (action == "create_or_update") return result_of(json_of(put(workspace.client(call), arguments)));
        if (arguments.table_name.value_or("").empty()) throw Refusal{"delete requires: table_name"};
        auto what = "the synced table " + *arguments.table_name;
        auto const catalog = arguments.catalog_name.value_or("");
        if (!catalog.empty()) what += " and the catalog " + catalog;
        if (auto instead = asked_before_delete(workspace, call, what)) return *instead;
        return result_of(json_of(take_away(workspace.client(call), arguments)));
      });
  tool.title = "Manage Lakebase synced tables";
  tool.output_schema = schema_of<SyncOutcome>();
  return tool;
}

}  // namespace lakebase::mcp
