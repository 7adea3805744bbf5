#include "cli/tasks/mcp.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/base/failure.hpp"
#include "cli/parse/command_line.hpp"
#include "cli/system/process_posix.hpp"
#include "tools/beside.hpp"

namespace lakebase::cli {

int run_mcp(std::string const& program, std::vector<std::string> const& arguments) {
  bool const wants_help = std::any_of(arguments.begin(), arguments.end(),
                                      [](auto const& each) { return each == "--help" || each == "-h"; });
  if (wants_help) {
    throw HelpWanted{{.command = program + " mcp",
                      .positionals = "[OPTION...]",
                      .summary = "The tools for agents, by the program lakebase-mcp; its --help has the options.",
                      .example = program + " mcp --read-only"}};
  }
  std::vector<std::string> command{tools::program_beside("lakebase-mcp")};
  command.insert(command.end(), arguments.begin(), arguments.end());
  try {
    become(command, {});
  } catch (Failure const& failure) {
    throw Failure{
        fmt::format("{}, nor beside this one; it is built with this one by LAKEBASE_BUILD_MCP", failure.what())};
  }
}

}  // namespace lakebase::cli
