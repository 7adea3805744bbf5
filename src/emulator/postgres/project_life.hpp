#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/operation_plan.hpp"
#include "postgres/resources.hpp"

namespace lakebase::emulator {

// How projects come and go, whichever API asks for it.

/// The branch with its endpoint, role and database that a new project has.
/// @param body the request, which may choose something of them by `initial_branch_spec` and so on
BranchRecord first_branch(Workspace const& workspace, State& state, ProjectRecord const& project, Fields const& body,
                          Identity const& caller);
/// Creates the first branch in the data plane, and enters the outcome into the record.
void fill_first_branch(Workspace& workspace, ProjectRecord& project);

/// Enters a project that is being created into the state. @param fill creates it in the data plane
Plan plan_new_project(Workspace& workspace, State& state, ProjectRecord project,
                      std::function<void(ProjectRecord&)> fill);
/// Removes projects with all that is in them. The target is the first of them.
Plan plan_purge_of_projects(State const& state, std::vector<std::string> const& ids);

}  // namespace lakebase::emulator
