#pragma once

#include <string>
#include <string_view>

#include "cli/api/command.hpp"

namespace lakebase::cli {

/// Positionals and `--json` of a command line that would work, for its help.
std::string example_of(Command const& command);

/// What a flag of a command is for, by the member that it sets; empty if its name says it.
std::string_view flag_help(std::string_view member);

}  // namespace lakebase::cli
