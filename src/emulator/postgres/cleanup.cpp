#include "postgres/cleanup.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/record_json.hpp"
#include "postgres/data_plane_errors.hpp"

namespace lakebase::emulator {
namespace {

/// Without endpoint and statements: removes the branch's data.
struct CleanupRecord {
  std::string branch_uid{};
  std::string endpoint_uid{};
  std::vector<std::string> statements{};
  /// Where the statements are run.
  std::string database = "postgres";
  /// The endpoint is only taken down, and only if its branch, or the project, is soft-deleted.
  bool only_deleted = false;

  template <class Field>
  static void describe(Field&& field) {
    field("branch_uid", &CleanupRecord::branch_uid);
    field("endpoint_uid", &CleanupRecord::endpoint_uid);
    field("statements", &CleanupRecord::statements);
    field("database", &CleanupRecord::database);
    field("only_deleted", &CleanupRecord::only_deleted);
  }
};

bool has_branch(State const& state, std::string_view uid) {
  return std::any_of(state.projects.begin(), state.projects.end(), [&](ProjectRecord const& project) {
    return std::any_of(project.branches.begin(), project.branches.end(),
                       [&](BranchRecord const& branch) { return branch.uid == uid; });
  });
}

bool is_known(Computes const& computes, std::string const& endpoint_uid) {
  try {
    computes.status(endpoint_uid);
    return true;
  } catch (DataPlaneError const&) {
    return false;
  }
}

void remove_endpoint(Computes& computes, CleanupRecord const& cleanup) {
  try {
    computes.remove_endpoint(cleanup.endpoint_uid);
  } catch (DataPlaneError const&) {
    // The endpoint may be unknown although an earlier process has left its data.
    ComputeSettings settings;
    settings.read_only = true;
    computes.add_endpoint(cleanup.endpoint_uid, cleanup.branch_uid, settings, std::nullopt);
    computes.remove_endpoint(cleanup.endpoint_uid);
  }
}

bool is_soft_deleted(State const& state, std::string_view uid) {
  return std::any_of(state.projects.begin(), state.projects.end(), [&](ProjectRecord const& project) {
    return std::any_of(project.branches.begin(), project.branches.end(), [&](BranchRecord const& branch) {
      return branch.uid == uid && (project.delete_time || branch.delete_time);
    });
  });
}

void close_front(Computes& computes, std::string const& endpoint_uid) {
  try {
    computes.remove_endpoint(endpoint_uid);
  } catch (DataPlaneError const&) {
    if (is_known(computes, endpoint_uid)) throw;
  }
}

void run_statements(Computes& computes, CleanupRecord const& cleanup) {
  for (auto const& statement : cleanup.statements) {
    try {
      computes.execute(cleanup.branch_uid, cleanup.database, {statement});
    } catch (DataPlaneError const& error) {
      // PostgreSQL refuses the statement, so there is nothing to undo.
      if (!is_users_mistake(error.sqlstate())) throw;
    }
  }
}

void carry_out(CleanupRecord const& cleanup, State const& state, Computes& computes) {
  if (cleanup.only_deleted) {
    if (is_soft_deleted(state, cleanup.branch_uid)) close_front(computes, cleanup.endpoint_uid);
    return;
  }
  bool const removes_branch = cleanup.statements.empty() && cleanup.endpoint_uid.empty();
  if (removes_branch) {
    computes.remove_branch(cleanup.branch_uid);
  } else if (has_branch(state, cleanup.branch_uid)) {
    if (!cleanup.endpoint_uid.empty()) remove_endpoint(computes, cleanup);
    run_statements(computes, cleanup);
  }
}

}  // namespace

Json removal_of_branch(std::string const& branch_uid) {
  return described::to_json(CleanupRecord{.branch_uid = branch_uid});
}

Json removal_of_endpoint(std::string const& branch_uid, std::string const& endpoint_uid) {
  return described::to_json(CleanupRecord{.branch_uid = branch_uid, .endpoint_uid = endpoint_uid});
}

Json statements_in_branch(std::string const& branch_uid, std::vector<std::string> statements, std::string database) {
  return described::to_json(
      CleanupRecord{.branch_uid = branch_uid, .statements = std::move(statements), .database = std::move(database)});
}

std::vector<Json> take_down_of_deleted(BranchRecord const& branch) {
  std::vector<Json> cleanups;
  for (auto const& endpoint : branch.endpoints) {
    cleanups.push_back(described::to_json(
        CleanupRecord{.branch_uid = branch.uid, .endpoint_uid = endpoint.uid, .only_deleted = true}));
  }
  return cleanups;
}

std::vector<Json> clean_up(std::vector<Json> const& cleanups, State const& state, Computes& computes,
                           std::function<void(std::string_view)> const& log) {
  std::vector<Json> failed;
  for (auto const& document : cleanups) {
    CleanupRecord cleanup;
    try {
      described::from_json(document, cleanup);
      carry_out(cleanup, state, computes);
    } catch (std::exception const& error) {
      log(fmt::format("branch {}: a cleanup failed, and is attempted again later: {}", cleanup.branch_uid,
                      error.what()));
      failed.push_back(document);
    }
  }
  return failed;
}

bool is_about(Json const& cleanup, std::string const& project_uid, State const& state) {
  auto const project = std::find_if(state.projects.begin(), state.projects.end(),
                                    [&](ProjectRecord const& one) { return one.uid == project_uid; });
  if (project == state.projects.end()) return false;
  auto const found = cleanup.find("branch_uid");
  if (found == cleanup.end() || !found->is_string()) return false;
  auto const uid = found->get<std::string>();
  auto const has_uid = [&](auto const& one) { return one.uid == uid; };
  return std::any_of(project->branches.begin(), project->branches.end(), has_uid) ||
         std::any_of(project->snapshots.begin(), project->snapshots.end(), has_uid);
}

std::string as_one(std::vector<std::string> const& statements) {
  return fmt::format("{}", fmt::join(statements, "; "));
}

}  // namespace lakebase::emulator
