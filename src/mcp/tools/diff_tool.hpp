#pragma once

#include <lakebase/pq/schema_diff.hpp>

#include "mcp/tools/workspace.hpp"

namespace lakebase::mcp {

/// `diff_lakebase_schemas`: what differs between two databases.
[[nodiscard]] Tool diff_tool(Workspace& workspace);

[[nodiscard]] Json json_of(pq::SchemaDiff const& diff);

}  // namespace lakebase::mcp
