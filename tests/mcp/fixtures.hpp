#pragma once

#include <functional>
#include <string>

#include "mcp/protocol/dispatch/features.hpp"

namespace lakebase::mcp::fixtures {

/// What the conformance suite calls. @param list_changed tells clients that a list has changed
[[nodiscard]] Features features(std::function<void(std::string const& kind)> list_changed);

/// Of these, the tools and the prompt that ask the client for something.
void add_input_fixtures(Features& features);

}  // namespace lakebase::mcp::fixtures
