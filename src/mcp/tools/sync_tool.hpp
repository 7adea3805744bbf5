#pragma once

#include "mcp/tools/workspace.hpp"

namespace lakebase::mcp {

/// `manage_lakebase_sync`: synced tables of a database instance.
[[nodiscard]] Tool sync_tool(Workspace& workspace);

}  // namespace lakebase::mcp
