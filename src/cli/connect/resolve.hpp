#pragma once

#include <lakebase/workspace_client.hpp>

#include "tools/find.hpp"

namespace lakebase::cli {

/// Asks on the terminal if there are several, and tells what is found.
tools::Guide terminal_guide();

/// Finds the endpoint or the instance, telling what it finds; asks on the terminal if there are several. Gives a login
/// with a new token.
/// @throws Failure or Error
tools::Login resolve(WorkspaceClient const& client, tools::Target target);

}  // namespace lakebase::cli
