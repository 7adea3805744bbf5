#pragma once

#include "mcp/tools/workspace.hpp"

namespace lakebase::mcp {

/// All that `lakebase-mcp` offers, as far as the workspace's options allow it.
/// @throws std::invalid_argument for a tool that there is not
[[nodiscard]] Features lakebase_features(Workspace& workspace);

}  // namespace lakebase::mcp
