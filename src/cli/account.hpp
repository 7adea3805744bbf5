#pragma once

#include <string>
#include <vector>

namespace lakebase::cli {

/// `current-user me`.
int run_current_user(std::string const& program, std::vector<std::string> const& arguments);

/// `auth describe` and `auth env`.
int run_auth(std::string const& program, std::vector<std::string> const& arguments);

}  // namespace lakebase::cli
