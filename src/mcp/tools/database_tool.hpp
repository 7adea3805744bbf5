#pragma once

#include "mcp/tools/workspace.hpp"

namespace lakebase::mcp {

/// `manage_lakebase_database`: projects and database instances.
/// With an action, the tool of that alone, as it was before it became one of this tool's actions.
[[nodiscard]] Tool database_tool(Workspace& workspace, std::string const& action = {});

}  // namespace lakebase::mcp
