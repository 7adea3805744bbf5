#pragma once

#include "mcp/tools/workspace.hpp"

namespace lakebase::mcp {

/// `doctor_lakebase`: from the configuration to a row, and what to do where that fails.
[[nodiscard]] Tool doctor_tool(Workspace& workspace);

}  // namespace lakebase::mcp
