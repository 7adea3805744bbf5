#pragma once

#include <string>
#include <vector>

namespace lakebase::cli {

/// `lakebase rows`: get, insert, update and delete over the Data API.
int run_rows(std::string const& program, std::vector<std::string> const& arguments);

}  // namespace lakebase::cli
