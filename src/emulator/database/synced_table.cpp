#include "database/synced_table.hpp"

#include <fmt/format.h>

#include "database/instance_lookup.hpp"
#include "database/paths.hpp"
#include "database/registered.hpp"
#include "database/request_types.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::string_view synced_database_table = "synced database table";

// Members of the status of a synced table of a project, under the names that they have here.
Json last_sync_json(Json const& of_project) {
  auto const& info = of_project.at("delta_table_sync_info");
  return Json{{"sync_start_timestamp", of_project.at("sync_start_time")},
              {"sync_end_timestamp", of_project.at("sync_end_time")},
              {"delta_table_sync_info", Json{{"delta_commit_version", info.at("delta_commit_version")},
                                             {"delta_commit_timestamp", info.at("delta_commit_time")}}}};
}

Json progress_json(Json const& of_project) {
  Json progress = of_project.value("ongoing_sync_progress", Json::object());
  if (of_project.contains("provisioning_phase")) progress["provisioning_phase"] = of_project.at("provisioning_phase");
  return progress;
}

// The part that goes with the state, and its name.
std::pair<char const*, Json> detail_of(Json const& of_project) {
  auto const state = of_project.at("detailed_state").get<std::string>();
  auto const progress = progress_json(of_project);
  if (state.starts_with("SYNCED_TABLE_PROVISIONING")) {
    Json detail = Json::object();
    if (!progress.empty()) detail["initial_pipeline_sync_progress"] = progress;
    return {"provisioning_status", detail};
  }
  Json reached = Json::object();
  if (of_project.contains("last_sync_time")) {
    reached["last_processed_commit_version"] = of_project.at("last_processed_commit_version");
    reached["timestamp"] = of_project.at("last_sync_time");
  }
  if (state.ends_with("FAILED")) return {"failed_status", reached};
  if (state == "SYNCED_TABLE_ONLINE_CONTINUOUS_UPDATE") return {"continuous_update_status", reached};
  if (!progress.empty()) reached["triggered_update_progress"] = progress;
  return {"triggered_update_status", reached};
}

Json synchronization_json(Json const& of_project, std::string const& pipeline_id) {
  Json json{{"detailed_state", of_project.at("detailed_state")},
            {"message", of_project.at("message")},
            {"pipeline_id", pipeline_id}};
  if (of_project.contains("last_sync")) json["last_sync"] = last_sync_json(of_project.at("last_sync"));
  auto const [name, detail] = detail_of(of_project);
  json[name] = detail;
  return json;
}

}  // namespace

void SyncedDatabaseTables::routes(Router& router) {
  auto const path = fmt::format("{}synced_tables", database_api);
  router.add("POST", path, [this](Call const& call) { return create(call); });
  router.add("GET", path + "/*", [this](Call const& call) { return get(named_in(call)); });
  router.add("DELETE", path + "/*", [this](Call const& call) { return remove(named_in(call), call.query); });
  // As by the service, whose documentation of the list says so, too.
  router.add("PATCH", path + "/*", [](Call const&) -> Response {
    throw ServiceError{501, "NOT_IMPLEMENTED", "Update Synced Database Table is not yet implemented."};
  });
  router.add("GET", fmt::format("{}instances/*/synced_tables", database_api), [](Call const&) -> Response {
    throw ServiceError{501, "NOT_IMPLEMENTED", "List Synced Database Tables is not yet implemented."};
  });
}

Json SyncedDatabaseTables::get(std::string const& name) const {
  auto const state = workspace_.state();
  auto const [branch, table] = held_by_instance(*state, &BranchRecord::synced_tables, synced_database_table, name);
  auto const& instance = instance_of(*state, branch);
  return Json{
      {"name", table->id},
      {"database_instance_name", instance},
      {"effective_database_instance_name", instance},
      {"logical_database_name", table->postgres_database},
      {"effective_logical_database_name", table->postgres_database},
      {"spec", synced_table_spec_json(table->spec)},
      {"table_serving_url", serving_url(live_branch(*state, branch), table->id, table->postgres_database)},
      {"unity_catalog_provisioning_state", table->creating ? "PROVISIONING" : "ACTIVE"},
      {"data_synchronization_status", synchronization_json(tables_.syncs().status(*table), table->pipeline_id)}};
}

Json SyncedDatabaseTables::create(Call const& call) {
  auto const body = call.fields();
  check_types(body, database_request_types().at("SyncedDatabaseTable"), database_request_types());
  auto const name = table_name_in(body);
  auto const spec = body.message("spec");
  auto const asked = [&](State const& state) {
    return AskedPlace{.branch = instance_branch_in(state, body),
                      .database = body.identifier("logical_database_name", ""),
                      .branch_field = "database_instance_name",
                      .database_field = "logical_database_name",
                      .storage_field = "spec.new_pipeline_spec.storage_catalog"};
  };
  workspace_.finish(tables_.start(name, read_synced_table(spec), asked, call.caller));
  return get(name);
}

Json SyncedDatabaseTables::remove(std::string const& name, Query const& query) {
  bool const drops = query.flag("purge_data");
  workspace_.carry_out([&](State& state) {
    auto const held = held_by_instance(state, &BranchRecord::synced_tables, synced_database_table, name);
    if (drops) running_instance(state, instance_of(state, held.branch));
    return tables_.plan_remove(state, {{{&synced_table_kind, name}}}, drops);
  });
  return Json::object();
}

}  // namespace lakebase::emulator
