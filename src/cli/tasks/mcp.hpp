#pragma once

#include <string>
#include <vector>

namespace lakebase::cli {

/// `lakebase mcp …`: becomes the program lakebase-mcp.
/// @throws Failure if it is not installed
int run_mcp(std::string const& program, std::vector<std::string> const& arguments);

}  // namespace lakebase::cli
