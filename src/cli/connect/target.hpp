#pragma once

#include "cli/parse/command_line.hpp"
#include "tools/target.hpp"

namespace lakebase::cli {

/// Reads TARGET and the flags --project, --branch, --endpoint, --provisioned and --autoscaling.
/// @throws Failure or InvalidArgument if they contradict each other
tools::Target read_target(CommandLine const& line);

}  // namespace lakebase::cli
