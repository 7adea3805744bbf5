#pragma once

#include <string>
#include <vector>

namespace lakebase::cli {

/// `lakebase branch`: list, create, diff, reset, delete, open.
int run_branch(std::string const& program, std::vector<std::string> const& arguments);

/// `lakebase postgres reset-branch NAME`, which the API does not have.
int run_reset_branch(std::string const& program, std::vector<std::string> const& arguments);

}  // namespace lakebase::cli
