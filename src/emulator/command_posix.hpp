#pragma once

#include <string>
#include <vector>

#include "environment.hpp"
#include "termination_posix.hpp"

namespace lakebase::emulator {

/// Runs a command to its end, looked up in PATH, with our standard streams, and with `environment` in place of our
/// variables for Databricks and PostgreSQL. Signals are passed on, except those that the terminal sent to the command
/// as well. Returns the exit status as a shell would: 128 + the signal that ended it; 127 if it was not found, 126 if
/// it cannot be run, with a line on standard error.
int run_command(std::vector<std::string> command, Environment const& environment, Termination const& termination);

}  // namespace lakebase::emulator
