#pragma once

#include <string>
#include <vector>

#include "cli/api/command.hpp"
#include "cli/parse/command_line.hpp"

namespace lakebase::cli {

/// How a command of a service is used.
Usage usage_of(Command const& command, std::string const& program);

/// Runs a command of a service; `arguments` are without its name.
/// @throws Failure, and what the library throws
int run_command(Command const& command, std::string const& program, std::vector<std::string> const& arguments);

}  // namespace lakebase::cli
