#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace lakebase::mcp {

using Json = nlohmann::json;

/// Deeper JSON can only be an attack: to print or to free it takes a frame of the stack for each level.
inline constexpr std::size_t deepest_json = 100;

/// Reads JSON of a peer that may send anything; discarded if it is none, or too deep.
[[nodiscard]] Json read_json(std::string_view text);

/// On one line, as stdio and server-sent events want it. Bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string json_line(Json const& value);

/// A member, or null if it is absent or `value` is no object.
[[nodiscard]] Json const& member(Json const& value, std::string_view name);
/// A member's text; empty if it is not a text.
[[nodiscard]] std::string text_of(Json const& value, std::string_view name);

}  // namespace lakebase::mcp
