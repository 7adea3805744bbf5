#pragma once

#include "mcp/tools/workspace.hpp"

namespace lakebase::mcp {

/// `generate_lakebase_credential`: a token that is a password for an hour. No other tool shows a secret.
[[nodiscard]] Tool credential_tool(Workspace& workspace);

}  // namespace lakebase::mcp
