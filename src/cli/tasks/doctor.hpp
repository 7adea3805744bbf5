#pragma once

#include <string>
#include <vector>

namespace lakebase::cli {

/// `lakebase doctor [TARGET]`: from the configuration to a row, a line a step; 1 at the first that fails.
int run_doctor(std::string const& program, std::vector<std::string> const& arguments);

}  // namespace lakebase::cli
