#include "postgres/data_plane_recovery.hpp"

#include <fmt/format.h>

#include "common/setting_rules.hpp"
#include "engine/errors.hpp"
#include "postgres/cleanup.hpp"
#include "postgres/data_plane_errors.hpp"
#include "postgres/resource_names.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {

Json removal_seen_by(std::string const& statement) {
  return Json{{"probe", statement}};
}

OperationFailure DataPlaneRecovery::failure_of(std::exception_ptr const& caught) const {
  try {
    std::rethrow_exception(caught);
  } catch (ServiceError const& error) {
    return {error.envelope()};
  } catch (DataPlaneError const& error) {
    bool const refused = !error.sqlstate().empty() && !is_in_doubt(error.sqlstate());
    return {service_error_of(error).envelope(), refused, !refused};
  } catch (std::exception const& error) {
    return {Json{{"error_code", "INTERNAL_ERROR"}, {"message", error.what()}}};
  }
}

std::vector<Json> DataPlaneRecovery::clean_up(std::vector<Json> const& cleanups, State const& state) const {
  return emulator::clean_up(cleanups, state, computes_, log_);
}

bool DataPlaneRecovery::concerns(Json const& cleanup, std::string const& key, State const& state) const {
  return is_about(cleanup, key, state);
}

bool DataPlaneRecovery::is_gone(std::string const& target, Json const& removal, State const& state) const {
  auto const name = parse_name(target);
  auto const* const branch = name ? find_branch(state, *name) : nullptr;
  if (branch == nullptr) return false;
  try {
    return computes_.execute(branch->uid, "postgres", {removal.at("probe").get<std::string>()}).empty();
  } catch (std::exception const& error) {
    log_(fmt::format("branch {}: {}", branch->uid, error.what()));
    return false;
  }
}

Json DataPlaneRecovery::remove_target(OperationRecord const& operation, State& state) const {
  if (auto const name = parse_name(target_of_operation(operation.name))) {
    Resources::erase(state, *name, operation.removal);
  }
  return empty_response();
}

void DataPlaneRecovery::resume(State& state) const {
  state.projects.change_all([&](ProjectRecord& project) { open_endpoints(project); });
}

void DataPlaneRecovery::note_version(ProjectRecord& project) const {
  try {
    project.running_pg_version = computes_.branch_version(project.branches.front().uid);
  } catch (std::exception const& error) {
    log_(fmt::format("project {}: {}", project.id, error.what()));
  }
}

// Drops settings that an earlier emulator accepted, and this one refuses.
void DataPlaneRecovery::drop_refused(std::map<std::string, std::string>& pg_settings, std::string const& owner) const {
  // If a setting occurs twice, PostgreSQL has used the last.
  std::map<std::string, std::string> last;
  for (auto const& [name, value] : pg_settings) last[setting_key(name)] = name;
  std::erase_if(pg_settings, [&](auto const& setting) {
    try {
      check_setting_names({setting});
      auto const& kept = last.at(setting_key(setting.first));
      if (kept == setting.first) return false;
      log_(fmt::format("{}: dropped a setting: \"{}\" is there as \"{}\" too", owner, setting.first, kept));
      return true;
    } catch (DataPlaneError const& error) {
      log_(fmt::format("{}: dropped a setting: {}", owner, error.what()));
      return true;
    }
  });
}

void DataPlaneRecovery::open_endpoints(ProjectRecord& project) const {
  if (project.running_pg_version == 0) note_version(project);
  drop_refused(project.defaults.pg_settings, "project " + project.id);
  if (project.delete_time) return;
  project.branches.change_if(
      [](BranchRecord const& branch) { return !branch.delete_time; },
      [&](BranchRecord& branch) {
        branch.resetting = false;  // The operation has ended with the last process.
        branch.endpoints.change_all([&](EndpointRecord& endpoint) { open_endpoint(branch, endpoint); });
      });
}

void DataPlaneRecovery::open_endpoint(BranchRecord const& branch, EndpointRecord& endpoint) const {
  drop_refused(endpoint.compute.pg_settings, "endpoint " + endpoint.uid);
  try {
    open_fronts(computes_, branch.uid, endpoint);
  } catch (std::exception const& error) {
    log_(fmt::format("endpoint {} cannot be opened: {}", endpoint.uid, error.what()));
  }
}

}  // namespace lakebase::emulator
