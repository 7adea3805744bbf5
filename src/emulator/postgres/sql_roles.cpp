#include "postgres/sql_roles.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "common/shown.hpp"
#include "postgres/identities.hpp"
#include "postgres/role_sql.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {
namespace {

/// The time of the last use is computed from two clocks.
constexpr Duration inexact = std::chrono::milliseconds{20};

std::optional<ComputeStatus> status_of_primary(Computes const& computes, BranchRecord const& branch) {
  for (auto const& endpoint : branch.endpoints) {
    if (!endpoint.read_only) return status_of(computes, endpoint);
  }
  return std::nullopt;
}

template <class Roles>
bool has_role(Roles const& roles, std::string const& postgres_role) {
  return std::any_of(roles.begin(), roles.end(),
                     [&](RoleRecord const& role) { return role.postgres_role == postgres_role; });
}

std::optional<ResourceName> branch_of_endpoint(State const& state, std::string const& endpoint_uid) {
  for (auto const& project : state.projects) {
    for (auto const& branch : project.branches) {
      auto const is_it = [&](EndpointRecord const& endpoint) { return endpoint.uid == endpoint_uid; };
      if (std::any_of(branch.endpoints.begin(), branch.endpoints.end(), is_it)) {
        return branch_name(project.id, branch.id);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

void SqlRoles::look(ResourceName const& name) {
  auto const branch = workspace_.read([&](State const& state) { return live_branch(state, name); });
  if (branch.creating || has_slept_since(branch)) return;
  try {
    find(name, branch);
    note_look(branch);
  } catch (std::exception const& error) {
    workspace_.log(fmt::format("branch {}: cannot look for roles that SQL has made: {}", branch.uid, error.what()));
  }
}

void SqlRoles::look_at(std::string const& endpoint_uid) {
  auto const name = workspace_.read([&](State const& state) { return branch_of_endpoint(state, endpoint_uid); });
  if (name) look(*name);
}

bool SqlRoles::has_slept_since(BranchRecord const& branch) const {
  auto const status = status_of_primary(workspace_.computes(), branch);
  if (!status || status->state != ComputeState::idle) return false;
  std::lock_guard const lock{mutex_};
  auto const last = looks_.find(branch.uid);
  return last != looks_.end() && TimePoint{status->last_active} <= last->second + inexact;
}

void SqlRoles::note_look(BranchRecord const& branch) {
  auto const status = status_of_primary(workspace_.computes(), branch);
  std::lock_guard const lock{mutex_};
  looks_[branch.uid] = status ? TimePoint{status->last_active} : TimePoint{};
}

void SqlRoles::find(ResourceName const& name, BranchRecord const& branch) {
  auto& computes = workspace_.computes();
  auto found = identities_in(computes.execute(branch.uid, "postgres", {sql_to_list_identities()}));
  // An earlier emulator has made roles without a label.
  std::vector<std::string> labels;
  for (auto const& role : branch.roles) {
    bool const lacks = !role.identity_type.empty() && !role.creating && !role.made_by_sql;
    if (lacks && !has_role(found, role.postgres_role)) labels.push_back(sql_to_label(role));
  }
  if (!labels.empty()) computes.execute(branch.uid, "postgres", labels);
  auto const is_news = [&](RoleRecord const& role) {
    return role.made_by_sql ? !has_role(found, role.postgres_role) : false;
  };
  bool const adds = std::any_of(found.begin(), found.end(),
                                [&](auto const& role) { return !has_role(branch.roles, role.postgres_role); });
  if (!adds && std::none_of(branch.roles.begin(), branch.roles.end(), is_news)) return;
  workspace_.change([&](State& state) { enter(state, name, branch, std::move(found)); });
}

// What was there before and is not any more was deleted by the API meanwhile.
void SqlRoles::enter(State& state, ResourceName const& name, BranchRecord const& before,
                     std::vector<RoleRecord> found) const {
  auto* const branch = find_branch(state, name);
  if (branch == nullptr || branch->uid != before.uid) return;
  // An operation may be about one of them.
  bool const is_free = state.locks.is_free(lock_of(live_project(state, name.project())).key);
  branch->roles.erase_if([&](RoleRecord const& role) {
    bool const owns = std::any_of(branch->databases.begin(), branch->databases.end(),
                                  [&](auto const& database) { return database.role_id == role.id; });
    return is_free && role.made_by_sql && !owns && has_role(before.roles, role.postgres_role) &&
           !has_role(found, role.postgres_role);
  });
  for (RoleRecord& role : found) {
    if (has_role(before.roles, role.postgres_role) || has_role(branch->roles, role.postgres_role)) continue;
    if (!identity_exists(workspace_.options(), role.identity_type, role.postgres_role)) {
      workspace_.log(fmt::format("branch {}: SQL has made a role of '{}', which the workspace does not know",
                                 branch->uid, shown(role.postgres_role)));
      continue;
    }
    role.id = free_id_for_role(*branch, role, workspace_.random());
    role.made_by_sql = true;
    role.sequence = next_sequence(state);
    role.create_time = role.update_time = workspace_.now();
    branch->roles.push_back(std::move(role));
  }
}

}  // namespace lakebase::emulator
