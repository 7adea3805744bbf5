// What an earlier life of the emulator, or an operation that failed, has left to be done.

#include <algorithm>

#include <fmt/format.h>

#include "postgres/chores.hpp"
#include "postgres/workspace.hpp"
#include "setting_rules.hpp"

namespace lakebase::emulator {
namespace {

using namespace std::chrono_literals;

constexpr Duration pause_between_tidyings = 10s;

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

// The resource that an operation is about.
std::optional<ResourceName> target_of(OperationRecord const& record) {
  return parse_name(std::string_view{record.name}.substr(0, record.name.rfind("/operations/")));
}

BranchRecord* branch_of(State& state, ResourceName const& name) {
  auto* const project = find_by_id(state.projects, name.project);
  return project == nullptr ? nullptr : find_by_id(project->branches, name.branch);
}

}  // namespace

void erase_role(BranchRecord& branch, std::string const& role_id, std::string const& heir) {
  erase_by_id(branch.roles, role_id);
  if (heir.empty()) return;
  branch.databases.change_if([&](DatabaseRecord const& database) { return database.role_id == role_id; },
                             [&](DatabaseRecord& database) { database.role_id = heir; });
}

void Workspace::open() {
  State state = store_.load();
  // Chores look at the state to see which branches there are.
  for (auto const& record : State{state}.operations) {
    if (!record.done) recover(state, record);
  }
  erase_unfinished(state);
  state.projects.change_all([&](ProjectRecord& project) { open_endpoints(project); });
  publish(std::move(state));
  tidy_up([](ChoreRecord const&) { return true; });
  settle([](State&) {});
}

void Workspace::recover(State& state, OperationRecord const& record) {
  auto const target = target_of(record);
  auto* const branch = target ? branch_of(state, *target) : nullptr;
  bool const gone = branch != nullptr && !record.witness.empty() && is_gone(branch->uid, record.witness);
  if (gone && target->kind == Kind::role) erase_role(*branch, target->leaf, record.heir);
  if (gone && target->kind == Kind::database) erase_by_id(branch->databases, target->leaf);
  auto const left = undone(record.chores, state);
  state.chores.insert(state.chores.end(), left.begin(), left.end());
  finish(state, record.name, [&](OperationRecord& ended) {
    if (ended.committed || gone) {
      ended.response = Json{{"@type", "type.googleapis.com/google.protobuf.Empty"}};
    } else {
      ended.error = aborted("The emulator was stopped while the operation was running.").envelope();
    }
  });
}

bool Workspace::is_gone(std::string const& branch_uid, std::string const& witness) const {
  try {
    return computes_.execute(branch_uid, "postgres", {witness}).empty();
  } catch (std::exception const& error) {
    log(fmt::format("branch {}: {}", branch_uid, error.what()));
    return false;
  }
}

void Workspace::note_version(ProjectRecord& project) const {
  try {
    project.running_pg_version = computes_.branch_version(project.branches.front().uid);
  } catch (std::exception const& error) {
    log(fmt::format("project {}: {}", project.id, error.what()));
  }
}

// An earlier emulator may have accepted them.
void Workspace::drop_refused(std::map<std::string, std::string>& pg_settings, std::string const& owner) const {
  // Of one that is there twice, PostgreSQL took the last.
  std::map<std::string, std::string> last;
  for (auto const& [name, value] : pg_settings) last[setting_key(name)] = name;
  std::erase_if(pg_settings, [&](auto const& setting) {
    try {
      check_setting_names({setting});
      auto const& kept = last.at(setting_key(setting.first));
      if (kept == setting.first) return false;
      log(fmt::format("{}: dropped a setting: \"{}\" is there as \"{}\" too", owner, setting.first, kept));
      return true;
    } catch (DataPlaneError const& error) {
      log(fmt::format("{}: dropped a setting: {}", owner, error.what()));
      return true;
    }
  });
}

void Workspace::open_endpoints(ProjectRecord& project) {
  if (project.running_pg_version == 0) note_version(project);
  drop_refused(project.defaults.pg_settings, "project " + project.id);
  if (project.delete_time) return;
  project.branches.change_if(
      [](BranchRecord const& branch) { return !branch.delete_time; },
      [&](BranchRecord& branch) {
        branch.endpoints.change_all([&](EndpointRecord& endpoint) { open_endpoint(branch, endpoint); });
      });
}

void Workspace::open_endpoint(BranchRecord const& branch, EndpointRecord& endpoint) {
  drop_refused(endpoint.compute.pg_settings, "endpoint " + endpoint.uid);
  try {
    endpoint.address = computes_.add_endpoint(endpoint.uid, branch.uid, settings_of(endpoint), endpoint.address);
  } catch (std::exception const& error) {
    log(fmt::format("endpoint {} cannot be opened: {}", endpoint.uid, error.what()));
  }
}

std::vector<ChoreRecord> Workspace::undone(std::vector<ChoreRecord> const& chores, State const& state) const {
  return emulator::undone(chores, state, computes_, [this](std::string_view line) { log(line); });
}

// Does those chores of the state that are wanted. False where some are left.
bool Workspace::tidy_up(std::function<bool(ChoreRecord const&)> const& wanted) {
  std::lock_guard const tidying{chores_mutex_};
  auto const current = state();
  std::vector<ChoreRecord> due;
  std::copy_if(current->chores.begin(), current->chores.end(), std::back_inserter(due), wanted);
  if (due.empty()) return true;
  auto const left = undone(due, *current);
  auto const is_done = [&](ChoreRecord const& chore) {
    return std::find(due.begin(), due.end(), chore) != due.end() &&
           std::find(left.begin(), left.end(), chore) == left.end();
  };
  settle([&](State& next) { std::erase_if(next.chores, is_done); });
  return left.empty();
}

// What is left of an operation that was refused must not be met, or copied, by another one.
void Workspace::tidy_up_for(ResourceName const& target) {
  auto const current = state();
  auto const* const project = find_by_id(current->projects, target.project);
  if (project == nullptr) return;
  bool const tidy = tidy_up([&](ChoreRecord const& chore) {
    return std::any_of(project->branches.begin(), project->branches.end(),
                       [&](BranchRecord const& branch) { return branch.uid == chore.branch_uid; });
  });
  if (tidy) return;
  throw ServiceError{
      500, "INTERNAL_ERROR",
      "What an earlier operation has left in the project cannot be tidied up yet; the emulator's log says "
      "why. Try again later."};
}

void Workspace::catch_up() {
  if (is_unsaved_) settle([](State&) {});
  {
    std::lock_guard const tidying{chores_mutex_};
    if (now() < next_tidying_) return;
    next_tidying_ = now() + pause_between_tidyings;
  }
  tidy_up([](ChoreRecord const&) { return true; });
}

}  // namespace lakebase::emulator
