#include "cli/program.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>
#include <lakebase/version.hpp>

#include "cli/account.hpp"
#include "cli/api/command.hpp"
#include "cli/api/run_command.hpp"
#include "cli/base/failure.hpp"
#include "cli/base/words.hpp"
#include "cli/completion.hpp"
#include "cli/connect/psql.hpp"
#include "cli/older_forms.hpp"
#include "cli/output/text.hpp"
#include "cli/parse/command_line.hpp"
#include "cli/session/session.hpp"
#include "cli/system/streams_posix.hpp"
#include "cli/tasks/branch.hpp"
#include "cli/tasks/copy.hpp"
#include "cli/tasks/doctor.hpp"
#include "cli/tasks/emulator.hpp"
#include "cli/tasks/mcp.hpp"
#include "cli/tasks/resource.hpp"
#include "cli/tasks/rows.hpp"

namespace lakebase::cli {
namespace {

using Arguments = std::vector<std::string>;

struct Service {
  std::string_view name;
  std::string_view summary;
  std::string_view example;
  std::span<Command const> (*commands)();
};

constexpr std::array services = {
    Service{"postgres", "Projects, branches, endpoints, databases and roles of Lakebase Autoscaling", "list-projects",
            &postgres_commands},
    Service{"database", "Instances of Lakebase Provisioned", "list-database-instances", &database_commands},
};

/// A command that is no method of a service.
struct Other {
  std::string_view name;
  std::string_view summary;
  int (*run)(std::string const& program, Arguments const& arguments);
};

int run_version(std::string const& program, Arguments const& arguments) {
  Usage const usage{.command = program + " version", .summary = "Show the version.", .example = program + " version"};
  CommandLine const line{usage, arguments};
  write(Stream::out, std::string{"lakebase "} + LAKEBASE_VERSION + '\n');
  return 0;
}

constexpr std::array others = {
    Other{"psql", "Open a session with psql", &run_psql},
    Other{"rows", "Rows of a table over the Data API: get, insert, update, delete", &run_rows},
    Other{"branch", "Branches of a project: list, create, diff, reset, delete, open", &run_branch},
    Other{"doctor", "Go from the configuration to a row, and tell what to do where that fails", &run_doctor},
    Other{"exec", "Run a program with the variables of a connection", &run_exec},
    Other{"copy", "Copy a database from one place to another, by pg_dump and psql", &run_copy},
    Other{"env", "Print a connection as lines for a shell", &run_env},
    Other{"url", "Print a connection as a URL", &run_url},
    Other{"token", "Print a token", &run_token},
    Other{"emulator", "A workspace on this machine: emulator up, exec, env, status, down", &run_emulator},
    Other{"mcp", "The tools for agents: an MCP server, by lakebase-mcp", &run_mcp},
    Other{"current-user", "Show who the caller is: current-user me", &run_current_user},
    Other{"auth", "Show how the caller logs in: auth describe, auth env", &run_auth},
    Other{"app-resource", "Print a database as a resource of an app", &run_app_resource},
    Other{"mlflow-resource", "Print an instance as a resource of a model", &run_mlflow_resource},
    Other{"completion", "Print a script for a shell that completes command lines", &run_completion},
    Other{"version", "Show the version", &run_version},
};

// Of older samples; the API has none.
constexpr char const* reset_branch = "reset-branch";

Usage usage_of_program(std::string const& program) {
  Usage usage{.command = program,
              .summary = "The command line of Databricks Lakebase.",
              .flags = {{"version", "show the version", ""}},
              .example = program + " postgres list-projects"};
  for (auto const& service : services) usage.subcommands.emplace_back(service.name, service.summary);
  for (auto const& other : others) usage.subcommands.emplace_back(other.name, other.summary);
  return usage;
}

Usage usage_of_service(Service const& service, std::string const& program) {
  Usage usage{.command = fmt::format("{} {}", program, service.name), .summary = std::string{service.summary} + "."};
  usage.example = fmt::format("{} {}", usage.command, service.example);
  for (auto const& command : service.commands()) {
    usage.subcommands.emplace_back(kebab(command.method), command.summary);
  }
  if (service.name == "postgres") usage.subcommands.emplace_back(reset_branch, "The same as branch reset");
  return usage;
}

[[noreturn]] void refuse_word(std::string const& word, Usage const& usage) {
  std::vector<std::string> known;
  for (auto const& [name, summary] : usage.subcommands) known.push_back(name);
  throw UsageFailure{fmt::format("unknown command \"{}\" for \"{}\"{}", word, usage.command, suggestion(word, known)),
                     usage_line(usage)};
}

int run_service(Service const& service, std::string const& program, Arguments arguments) {
  auto word = take_word(arguments);
  if (!word) word = take_subcommand(usage_of_service(service, program), arguments);  // there is none
  if (service.name == "postgres" && *word == reset_branch) return run_reset_branch(program, arguments);
  bring_up_to_date(program, std::string{service.name}, *word, arguments);
  for (auto const& command : service.commands()) {
    if (kebab(command.method) == *word) return run_command(command, program, arguments);
  }
  refuse_word(*word, usage_of_service(service, program));
}

int dispatch(std::string const& program, Arguments arguments) {
  if (!arguments.empty() && arguments[0] == complete_word) {
    return run_complete(program, {arguments.begin() + 1, arguments.end()});
  }
  auto word = take_word(arguments);
  if (word == "help") {  // `help psql` is `psql --help`
    arguments.emplace_back("--help");
    word = take_word(arguments);
  }
  if (!word) {
    auto const usage = usage_of_program(program);
    if (CommandLine{usage, arguments}.is_on("version")) return run_version(program, {});
    throw HelpWanted{usage};
  }
  for (auto const& service : services) {
    if (service.name == *word) return run_service(service, program, std::move(arguments));
  }
  for (auto const& other : others) {
    if (other.name == *word) return other.run(program, arguments);
  }
  refuse_word(*word, usage_of_program(program));
}

int run(std::string const& program, Arguments arguments) {
  auto const own_end = std::find(arguments.begin(), arguments.end(), "--");
  if (std::find(arguments.begin(), own_end, "--emulator") != own_end) use_emulator();
  try {
    return dispatch(program, std::move(arguments));
  } catch (HelpWanted const& wanted) {
    write(Stream::out, help_text(wanted.usage));
    return 0;
  }
}

}  // namespace

std::optional<Usage> usage_at(std::string const& program, std::vector<std::string> words) {
  words.emplace_back("--help");
  try {
    dispatch(program, std::move(words));
  } catch (HelpWanted const& wanted) {
    return wanted.usage;
  } catch (Failure const&) {
  }
  return std::nullopt;
}

int run_program(std::string const& program, std::vector<std::string> arguments) {
  try {
    return run(program, std::move(arguments));
  } catch (UsageFailure const& error) {
    write(Stream::error, fmt::format("Error: {}\n\n{}", printable_lines(error.what()), error.usage()));
    return error.status();
  } catch (Failure const& error) {
    say("Error: " + printable_lines(error.what()));
    return error.status();
  } catch (std::exception const& error) {
    say("Error: " + printable_lines(message_of(error)));
    auto const advice = tools::advice_on(error);
    // Scripts that use the other name may read its errors as a whole.
    if (!advice.empty() && program != other_name) say("  what to do: " + printable(advice));
    return 1;
  }
}

}  // namespace lakebase::cli
