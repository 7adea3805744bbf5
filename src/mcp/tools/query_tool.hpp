#pragma once

#include "mcp/tools/workspace.hpp"
#include "tools/query.hpp"

namespace lakebase::mcp {

/// `query_lakebase`: one statement on a target.
[[nodiscard]] Tool query_tool(Workspace& workspace);

/// Values of JSON as parameters: texts, numbers, booleans and null as they are, the rest as JSON text.
[[nodiscard]] pq::Params parameters_from(std::vector<Json> const& values);
/// Rows as lists of values: booleans, and numbers that JSON's readers keep exactly; JSON as it is; all else as text.
[[nodiscard]] Json rows_of(tools::QueryResult const& result);
[[nodiscard]] Json columns_of(tools::QueryResult const& result);

}  // namespace lakebase::mcp
