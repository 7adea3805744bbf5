#include "database/instance_lookup.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/ascii.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::size_t longest_instance_name = 63;

}  // namespace

bool is_instance_name(std::string_view name) {
  auto const fits = [](char c) { return is_lower(to_lower(c)) || is_digit(c) || c == '-'; };
  return !name.empty() && name.size() <= longest_instance_name && std::all_of(name.begin(), name.end(), fits);
}

std::string id_of_instance(std::string_view name) {
  return fmt::format("instance:{}", name);
}

ProjectRecord const* find_instance(State const& state, std::string_view name) {
  if (auto const* const found = state.projects.find(id_of_instance(name))) return found;
  auto const is_it = [&](ProjectRecord const& project) {
    return project.instance && project.instance->name == name && !project.delete_time;
  };
  auto const found = std::find_if(state.projects.begin(), state.projects.end(), is_it);
  return found == state.projects.end() ? nullptr : &*found;
}

ProjectRecord const& live_instance(State const& state, std::string_view name) {
  auto const* const found = find_instance(state, name);
  if (found == nullptr) {
    throw ServiceError{404, "NOT_FOUND", fmt::format("Database instance '{}' not found", name)};
  }
  return *found;
}

ProjectRecord& live_instance(State& state, std::string_view name) {
  return live_project(state, live_instance(std::as_const(state), name).id);
}

ProjectRecord const& running_instance(State const& state, std::string_view name) {
  auto const& project = live_instance(state, name);
  if (project.creating) {
    throw bad_request(fmt::format("Database instance '{}' is not ready: its state is STARTING.", name));
  }
  if (is_stopped(project)) throw bad_request(fmt::format("Database instance '{}' is stopped. Start it first.", name));
  return project;
}

ProjectRecord& own_instance(State& state, std::string_view name) {
  auto& project = live_instance(state, name);
  state.locks.require_free({lock_of(project)});
  if (project.instance->is_project) {
    throw bad_request(
        fmt::format("Database instance '{}' was upgraded to autoscaling. Change or delete its project '{}'.", name,
                    project_name(project.id).text()));
  }
  return project;
}

std::string state_of_instance(ProjectRecord const& project) {
  if (project.creating) return "STARTING";
  if (!project.instance->changing.empty()) return project.instance->changing;
  return is_stopped(project) ? "STOPPED" : "AVAILABLE";
}

bool is_stopped(ProjectRecord const& project) {
  return endpoint_of_instance(project).disabled;
}

// Those that it was made with cannot be deleted, as long as there is the project.
BranchRecord const& branch_of_instance(ProjectRecord const& project) {
  return project.branches.front();
}

EndpointRecord const& endpoint_of_instance(ProjectRecord const& project) {
  return branch_of_instance(project).endpoints.front();
}

ResourceName name_of_branch(ProjectRecord const& project) {
  return branch_name(project.id, branch_of_instance(project).id);
}

}  // namespace lakebase::emulator
