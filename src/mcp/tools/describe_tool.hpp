#pragma once

#include "mcp/tools/workspace.hpp"

namespace lakebase::mcp {

/// `describe_lakebase`: what a database holds.
[[nodiscard]] Tool describe_tool(Workspace& workspace);

/// The same as JSON, for a resource.
[[nodiscard]] Json description_of(Workspace& workspace, Call& call, std::string_view target,
                                  std::optional<std::string> const& database, std::string const& schema,
                                  std::string const& table);

}  // namespace lakebase::mcp
