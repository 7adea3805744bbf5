#pragma once

#include <string>
#include <vector>

namespace lakebase::cli {

/// Runs a command line; `program` is the name that it was called by. Returns the exit status.
int run_program(std::string const& program, std::vector<std::string> arguments);

}  // namespace lakebase::cli
