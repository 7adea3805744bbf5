#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "data_api/plan/plan.hpp"

namespace lakebase::emulator::data_api {

/// The rows of a body, by its `Content-Type`, as an array of objects. @param columns those that count; none: all
/// @throws ApiError PGRST102
Payload read_payload(std::string_view content_type, std::string const& body,
                     std::optional<std::vector<std::string>> const& columns, bool missing_as_default);

/// @throws ApiError PGRST102 for what is no JSON, and what is nested so deeply that a copy could overflow the stack
Json parse_json(std::string_view body);

/// The keys that all of these objects have. @throws ApiError PGRST102 if one has others
std::vector<std::string> common_keys(Json const& objects);

/// The one object of a payload. @throws ApiError PGRST102 if there is not exactly one
Payload single(Payload payload);

}  // namespace lakebase::emulator::data_api
