#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace lakebase::cli {

/// Keeps the order of members, so that what is printed is in the order of the API.
using Json = nlohmann::ordered_json;

/// Reads JSON text; `source` says where it is from, for the message.
/// @throws Failure with line and column
Json parse_json(std::string_view text, std::string_view source);

/// Reads JSON text that the library has written.
Json read_json(std::string_view text);

/// The number that a text is, as JSON has them; null if it is none.
Json number_in(std::string_view text);

/// Indented by two, as people read it.
std::string pretty(Json const& value);

/// The same of JSON text that the library has written, without reading it: `depth` is that of the place it is put at.
std::string pretty_text(std::string_view text, std::size_t depth = 0);

}  // namespace lakebase::cli
