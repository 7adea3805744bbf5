#pragma once

#include "mcp/tools/workspace.hpp"

namespace lakebase::mcp {

/// `query_lakebase`: one statement on a target.
[[nodiscard]] Tool query_tool(Workspace& workspace);

}  // namespace lakebase::mcp
