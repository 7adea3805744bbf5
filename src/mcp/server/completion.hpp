#pragma once

#include "mcp/tools/workspace.hpp"

namespace lakebase::mcp {

/// Names that an argument of a prompt or a part of a resource's URI may be: projects, branches, endpoints, tables.
[[nodiscard]] std::vector<std::string> completions(Workspace& workspace, Call& call);

}  // namespace lakebase::mcp
