#pragma once

#include "mcp/tools/workspace.hpp"

namespace lakebase::mcp {

/// `snapshot_lakebase`: takes snapshots of branches, lists and deletes them, and makes branches of them.
[[nodiscard]] Tool snapshot_tool(Workspace& workspace);

}  // namespace lakebase::mcp
