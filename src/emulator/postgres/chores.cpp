#include "postgres/chores.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/described.hpp"

namespace lakebase::emulator {
namespace {

bool has_branch(State const& state, std::string_view uid) {
  return std::any_of(state.projects.begin(), state.projects.end(), [&](ProjectRecord const& project) {
    return std::any_of(project.branches.begin(), project.branches.end(),
                       [&](BranchRecord const& branch) { return branch.uid == uid; });
  });
}

void remove_endpoint(Computes& computes, ChoreRecord const& chore) {
  try {
    computes.remove_endpoint(chore.endpoint_uid);
  } catch (DataPlaneError const&) {
    // Its data may be there without it, from an earlier life of the emulator.
    ComputeSettings settings;
    settings.read_only = true;
    computes.add_endpoint(chore.endpoint_uid, chore.branch_uid, settings, std::nullopt);
    computes.remove_endpoint(chore.endpoint_uid);
  }
}

void run_statements(Computes& computes, ChoreRecord const& chore) {
  for (auto const& statement : chore.statements) {
    try {
      computes.execute(chore.branch_uid, "postgres", {statement});
    } catch (DataPlaneError const& error) {
      // Then there is nothing to be undone.
      if (!is_users_mistake(error.sqlstate())) throw;
    }
  }
}

void carry_out(ChoreRecord const& chore, State const& state, Computes& computes) {
  bool const removes_branch = chore.statements.empty() && chore.endpoint_uid.empty();
  if (removes_branch) {
    computes.remove_branch(chore.branch_uid);
  } else if (has_branch(state, chore.branch_uid)) {
    if (!chore.endpoint_uid.empty()) remove_endpoint(computes, chore);
    run_statements(computes, chore);
  }
}

}  // namespace

bool is_users_mistake(std::string_view sqlstate) {
  static constexpr std::array<std::string_view, 7> classes = {"22", "23", "2B", "3D", "42", "55", "0L"};
  return std::any_of(classes.begin(), classes.end(), [&](auto prefix) { return sqlstate.starts_with(prefix); });
}

std::vector<Json> kept(std::vector<ChoreRecord> const& chores) {
  std::vector<Json> documents;
  for (auto const& chore : chores) documents.push_back(described::to_json(chore));
  return documents;
}

std::vector<Json> undone(std::vector<Json> const& chores, State const& state, Computes& computes,
                         std::function<void(std::string_view)> const& log) {
  std::vector<Json> left;
  for (auto const& document : chores) {
    ChoreRecord chore;
    described::from_json(document, chore);
    try {
      carry_out(chore, state, computes);
    } catch (std::exception const& error) {
      log(fmt::format("branch {}: cannot be tidied up, to be tried again: {}", chore.branch_uid, error.what()));
      left.push_back(document);
    }
  }
  return left;
}

bool is_about(Json const& chore, std::string const& project_id, State const& state) {
  auto const* const project = find_by_id(state.projects, project_id);
  if (project == nullptr) return false;
  auto const uid = chore.value("branch_uid", "");
  return std::any_of(project->branches.begin(), project->branches.end(),
                     [&](BranchRecord const& branch) { return branch.uid == uid; });
}

std::string as_one(std::vector<std::string> const& statements) {
  return fmt::format("{}", fmt::join(statements, "; "));
}

}  // namespace lakebase::emulator
