#include "cli/tasks/emulator.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "cli/base/failure.hpp"
#include "cli/base/words.hpp"
#include "cli/parse/command_line.hpp"
#include "cli/system/process_posix.hpp"
#include "tools/beside.hpp"

namespace lakebase::cli {
namespace {

constexpr char const* emulator_program = "lakebase-emulator";

/// @throws Failure that says what to do, if it is not installed
template <class Start>
auto started(Start const& start) {
  try {
    return start(tools::program_beside(emulator_program));
  } catch (Failure const& failure) {
    throw Failure{
        fmt::format("{}, nor beside this one; it is built with this one by LAKEBASE_BUILD_EMULATOR", failure.what())};
  }
}

Usage usage_of_emulator(std::string const& program) {
  return {.command = program + " emulator",
          .summary = "A workspace on this machine, by the program lakebase-emulator; its --help has the options.",
          .example = program + " emulator up",
          .subcommands = {{"up", "Serve in the background; with --emulator, commands of this program use it"},
                          {"exec", "Serve while a command runs: emulator exec -- COMMAND"},
                          {"env", "Print the variables of the one in the background"},
                          {"status", "Say whether it serves"},
                          {"down", "Stop it; its data stays"}}};
}

/// Shows help that is asked for by this program's words; other arguments are the emulator's.
void show_help(Usage const& group, std::vector<std::string> arguments) {
  auto const dashes = std::find(arguments.begin(), arguments.end(), "--");
  bool const is_wanted =
      std::any_of(arguments.begin(), dashes, [](auto const& each) { return each == "--help" || each == "-h"; });
  if (!arguments.empty() && !is_wanted) return;
  arguments.erase(dashes, arguments.end());
  auto const word = take_subcommand(group, arguments);
  for (auto const& [known, summary] : group.subcommands) {
    if (known != word) continue;
    auto const command = fmt::format("{} {}", group.command, word);
    bool const has_command = word == "exec";
    throw HelpWanted{{.command = command,
                      .positionals = has_command ? "[OPTION...] -- COMMAND..." : "[OPTION...]",
                      .summary = summary + '.',
                      .example = command + (has_command ? " -- ctest" : "")}};
  }
}

/// A value as the emulator writes it for a shell.
std::string unquoted(std::string_view text) {
  std::string value;
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'') {
      is_quoted = !is_quoted;
    } else {
      if (text[i] == '\\' && !is_quoted && i + 1 < text.size()) ++i;
      value += text[i];
    }
  }
  return value;
}

bool is_of_a_workspace(std::string_view variable) {
  constexpr std::array<std::string_view, 3> families = {"DATABRICKS_", "ARM_", "PG"};
  constexpr std::array<std::string_view, 9> others = {
      "GOOGLE_CREDENTIALS", "LAKEBASE_ENDPOINT",      "ENDPOINT_NAME",     "LAKEBASE_PG_URL", "LAKEBASE_INSTANCE_NAME",
      "LAKEBASE_HOST",      "LAKEBASE_DATABASE_NAME", "LAKEBASE_USERNAME", "DATABASE_URL"};
  if (variable == "DATABRICKS_OUTPUT_FORMAT") return false;
  return std::any_of(families.begin(), families.end(), [&](auto family) { return variable.starts_with(family); }) ||
         std::find(others.begin(), others.end(), variable) != others.end();
}

}  // namespace

int run_emulator(std::string const& program, std::vector<std::string> const& arguments) {
  show_help(usage_of_emulator(program), arguments);
  return started([&](std::string const& found) -> int {
    std::vector<std::string> command{found};
    command.insert(command.end(), arguments.begin(), arguments.end());
    become(command, {});
  });
}

void use_emulator() {
  std::string printed;
  auto const ended = started([&](std::string const& found) { return capture({found, "env"}, {}, printed, {}); });
  if (ended.status != 0) {
    throw Failure{fmt::format("--emulator: {}", ended.errors.substr(0, ended.errors.find('\n')))};
  }
  constexpr std::string_view word = "export ";
  Variables variables;
  for (auto const& line : split(printed, '\n')) {
    auto const equals = line.find('=');
    if (!line.starts_with(word) || equals == std::string::npos) continue;
    variables[line.substr(word.size(), equals - word.size())] = unquoted(std::string_view{line}.substr(equals + 1));
  }
  change_environment(is_of_a_workspace, variables);
}

}  // namespace lakebase::cli
