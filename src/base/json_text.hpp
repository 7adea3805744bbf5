#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

// JSON of which only a few members matter, from servers that may send anything: error bodies, token responses.

namespace lakebase {
inline namespace v0 {
namespace detail {

using Json = nlohmann::json;

/// The document, or a discarded value if the text is not JSON or is nested so deep that it can only be an attack.
Json parse_json(std::string_view text);

/// A member's text; numbers and booleans as they are written. Empty if it is absent or of another type.
std::string text_of(Json const& object, char const* key);
/// A member's number, which may be written as text.
std::optional<double> number_of(Json const& object, char const* key);
/// Compact text; bytes that are not UTF-8 are replaced.
std::string dump(Json const& value);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
