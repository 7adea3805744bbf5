#include "postgres/caretaker.hpp"

#include <fmt/format.h>

#include "engine/errors.hpp"
#include "postgres/chores.hpp"
#include "postgres/resource_names.hpp"
#include "postgres/role.hpp"
#include "common/setting_rules.hpp"

namespace lakebase::emulator {
namespace {

void erase_unfinished(State& state) {
  auto const creating = [](auto const& record) { return record.creating; };
  state.projects.erase_if(creating);
  state.projects.change_all([&](ProjectRecord& project) {
    project.branches.erase_if(creating);
    project.branches.change_all([&](BranchRecord& branch) {
      branch.endpoints.erase_if(creating);
      branch.databases.erase_if(creating);
      branch.roles.erase_if(creating);
    });
  });
}

// Whether a statement that failed so may have been carried out all the same: the session or the server broke down.
bool is_in_doubt(std::string_view sqlstate) {
  return sqlstate.starts_with("08") || sqlstate.starts_with("57") || sqlstate.starts_with("XX");
}

template <class AnyState>
auto* branch_of(AnyState& state, ResourceName const& name) {
  auto* const project = find_by_id(state.projects, name.project);
  return project == nullptr ? nullptr : find_by_id(project->branches, name.branch);
}

}  // namespace

Failure Caretaker::failure_of(std::exception_ptr const& caught) const {
  try {
    std::rethrow_exception(caught);
  } catch (ServiceError const& error) {
    return {error.envelope()};
  } catch (DataPlaneError const& error) {
    std::string message = error.what();
    if (!error.sqlstate().empty()) message += fmt::format(" (SQLSTATE {})", error.sqlstate());
    bool const refused = !error.sqlstate().empty() && !is_in_doubt(error.sqlstate());
    return {Json{{"error_code", is_users_mistake(error.sqlstate()) ? "BAD_REQUEST" : "INTERNAL_ERROR"},
                 {"message", message}},
            refused, !refused};
  } catch (std::exception const& error) {
    return {Json{{"error_code", "INTERNAL_ERROR"}, {"message", error.what()}}};
  }
}

std::vector<Json> Caretaker::undone(std::vector<Json> const& chores, State const& state) const {
  return emulator::undone(chores, state, computes_, log_);
}

bool Caretaker::concerns(Json const& chore, std::string const& key, State const& state) const {
  return is_about(chore, key, state);
}

bool Caretaker::is_gone(std::string const& target, std::string const& witness, State const& state) const {
  auto const name = parse_name(target);
  auto const* const branch = name ? branch_of(state, *name) : nullptr;
  if (branch == nullptr) return false;
  try {
    return computes_.execute(branch->uid, "postgres", {witness}).empty();
  } catch (std::exception const& error) {
    log_(fmt::format("branch {}: {}", branch->uid, error.what()));
    return false;
  }
}

void Caretaker::take_out(OperationRecord const& operation, State& state) const {
  auto const name = parse_name(std::string_view{operation.name}.substr(0, operation.name.rfind("/operations/")));
  auto* const branch = name ? branch_of(state, *name) : nullptr;
  if (branch == nullptr) return;
  if (name->kind == Kind::role) erase_role(*branch, name->leaf, operation.heir);
  if (name->kind == Kind::database) erase_by_id(branch->databases, name->leaf);
}

void Caretaker::resume(State& state) const {
  erase_unfinished(state);
  state.projects.change_all([&](ProjectRecord& project) { open_endpoints(project); });
}

void Caretaker::note_version(ProjectRecord& project) const {
  try {
    project.running_pg_version = computes_.branch_version(project.branches.front().uid);
  } catch (std::exception const& error) {
    log_(fmt::format("project {}: {}", project.id, error.what()));
  }
}

// An earlier emulator may have accepted them.
void Caretaker::drop_refused(std::map<std::string, std::string>& pg_settings, std::string const& owner) const {
  // Of one that is there twice, PostgreSQL took the last.
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

void Caretaker::open_endpoints(ProjectRecord& project) const {
  if (project.running_pg_version == 0) note_version(project);
  drop_refused(project.defaults.pg_settings, "project " + project.id);
  if (project.delete_time) return;
  project.branches.change_if(
      [](BranchRecord const& branch) { return !branch.delete_time; },
      [&](BranchRecord& branch) {
        branch.endpoints.change_all([&](EndpointRecord& endpoint) { open_endpoint(branch, endpoint); });
      });
}

void Caretaker::open_endpoint(BranchRecord const& branch, EndpointRecord& endpoint) const {
  drop_refused(endpoint.compute.pg_settings, "endpoint " + endpoint.uid);
  try {
    endpoint.address = computes_.add_endpoint(endpoint.uid, branch.uid, settings_of(endpoint), endpoint.address);
  } catch (std::exception const& error) {
    log_(fmt::format("endpoint {} cannot be opened: {}", endpoint.uid, error.what()));
  }
}

}  // namespace lakebase::emulator
