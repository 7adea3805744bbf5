#pragma once

#include "mcp/tools/workspace.hpp"

namespace lakebase::mcp {

/// `lakebase://projects/{project}/branches/{branch}/schema`, `…/roles` and `…/endpoints`.
[[nodiscard]] std::vector<ResourceTemplate> resource_templates(Workspace& workspace);

}  // namespace lakebase::mcp
