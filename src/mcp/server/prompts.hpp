#pragma once

#include <vector>

#include "mcp/protocol/dispatch/features.hpp"

namespace lakebase::mcp {

/// Everyday tasks, as texts that use the tools.
[[nodiscard]] std::vector<Prompt> prompts();

}  // namespace lakebase::mcp
