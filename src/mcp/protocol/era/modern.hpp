#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "mcp/protocol/era/era.hpp"

namespace lakebase::mcp {

/// The value of a header; none if the request does not have it. Names ignore case.
using Headers = std::function<std::optional<std::string>(std::string const& name)>;

/// What the request says of its sender. @throws ProtocolError if it does not say all of it, or if its headers say
/// something else (there are no `headers` if the transport has none), or for a version that is not spoken here
[[nodiscard]] Client read_modern_client(Json const& message, Headers const& headers);

/// Compares `Mcp-Method` and `Mcp-Name`, and a `Mcp-Param-…` for each property that `input_schema` marks by
/// `x-mcp-header`, with the message. @throws ProtocolError
void check_modern_headers(Json const& message, Headers const& headers, Json const& input_schema);

/// Adds what each modern result has.
void complete_modern_result(Json& result, Json const& server_info);

}  // namespace lakebase::mcp
