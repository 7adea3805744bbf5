#pragma once

#include <stop_token>

#include "mcp/protocol/dispatch/server.hpp"

namespace lakebase::mcp {

/// The longest line, and the longest body over HTTP: parsed, it may take sixteen times as much memory.
inline constexpr std::size_t longest_message = 1024 * 1024;

/// Serves one client, whose messages are the lines of a descriptor, until these end, or it is told to stop. Calls at
/// work are cancelled then, and waited for. Nothing but messages is written.
void serve_stdio(Server& server, int input = 0, int output = 1, std::stop_token const& stop = {});

}  // namespace lakebase::mcp
