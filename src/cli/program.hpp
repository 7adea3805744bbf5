#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/parse/command_line.hpp"

namespace lakebase::cli {

/// Runs a command line; `program` is the name that it was called by. Returns the exit status.
int run_program(std::string const& program, std::vector<std::string> arguments);

/// How the command of these words is used, as its `--help` says it; none if there is no such command.
std::optional<Usage> usage_at(std::string const& program, std::vector<std::string> words);

}  // namespace lakebase::cli
