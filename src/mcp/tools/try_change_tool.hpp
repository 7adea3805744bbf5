#pragma once

#include "mcp/tools/workspace.hpp"

namespace lakebase::mcp {

/// `try_lakebase_change`: a script, first on a branch of its own, and after a confirmation on the target.
[[nodiscard]] Tool try_change_tool(Workspace& workspace);

}  // namespace lakebase::mcp
