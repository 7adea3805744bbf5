#pragma once

#include <string>
#include <string_view>

#include "postgres/workspace.hpp"

namespace lakebase::emulator {

// Database instances in the state. Each is a project with one branch and one endpoint, whose id no project can have, so
// that a project and an instance of one name do not meet.

/// 1 to 63 letters, digits and hyphens.
bool is_instance_name(std::string_view name);
/// The id of its project, as long as it is not upgraded.
std::string id_of_instance(std::string_view name);

/// The project of an instance; null if there is none of that name.
ProjectRecord const* find_instance(State const& state, std::string_view name);
/// @throws ServiceError not found
ProjectRecord const& live_instance(State const& state, std::string_view name);
ProjectRecord& live_instance(State& state, std::string_view name);
/// One in which something can be made: it runs. @throws ServiceError also if it is being created or is stopped
ProjectRecord const& running_instance(State const& state, std::string_view name);
/// One that this API can still change, and nothing else changes now. @throws ServiceError also if it was upgraded
ProjectRecord& own_instance(State& state, std::string_view name);

/// STARTING and so on.
std::string state_of_instance(ProjectRecord const& project);
bool is_stopped(ProjectRecord const& project);
BranchRecord const& branch_of_instance(ProjectRecord const& project);
EndpointRecord const& endpoint_of_instance(ProjectRecord const& project);
ResourceName name_of_branch(ProjectRecord const& project);

}  // namespace lakebase::emulator
