#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data_api/grammar/syntax.hpp"

namespace lakebase::emulator::data_api {

/// Names and values of a query string, decoded, in their order.
using QueryPairs = std::vector<std::pair<std::string, std::string>>;

/// Reads a query string. @param is_call what is no filter is an argument. @throws ApiError PGRST100
QueryTree parse_query(QueryPairs const& pairs, bool is_call = false);

/// Columns with commas between them, each perhaps in double quotes. @throws ApiError PGRST100
std::vector<std::string> parse_names(std::string_view parameter, std::string_view text);

}  // namespace lakebase::emulator::data_api
