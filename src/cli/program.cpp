#include "cli/program.hpp"

#include <array>
#include <span>

#include <fmt/format.h>
#include <lakebase/version.hpp>

#include "cli/account.hpp"
#include "cli/api/command.hpp"
#include "cli/api/run_command.hpp"
#include "cli/base/failure.hpp"
#include "cli/base/words.hpp"
#include "cli/connect/psql.hpp"
#include "cli/older_forms.hpp"
#include "cli/parse/command_line.hpp"
#include "cli/session/session.hpp"
#include "cli/system/streams_posix.hpp"
#include "cli/tasks/branch.hpp"
#include "cli/tasks/doctor.hpp"

namespace lakebase::cli {
namespace {

using Arguments = std::vector<std::string>;

struct Service {
  std::string_view name;
  std::string_view summary;
  std::span<Command const> (*commands)();
};

constexpr std::array services = {
    Service{"postgres", "Projects, branches, endpoints, databases and roles of Lakebase Autoscaling",
            &postgres_commands},
    Service{"database", "Instances of Lakebase Provisioned", &database_commands},
};

/// A command that is no method of a service.
struct Other {
  std::string_view name;
  std::string_view summary;
  int (*run)(std::string const& program, Arguments const& arguments);
};

constexpr std::array others = {
    Other{"psql", "Open a session with psql", &run_psql},
    Other{"branch", "Branches of a project: list, create, diff, reset, delete, open", &run_branch},
    Other{"doctor", "Go from the configuration to a row, and tell what to do where that fails", &run_doctor},
    Other{"exec", "Run a program with the variables of a connection", &run_exec},
    Other{"env", "Print a connection as lines for a shell", &run_env},
    Other{"url", "Print a connection as a URL", &run_url},
    Other{"token", "Print a token", &run_token},
    Other{"current-user", "Show who the caller is: current-user me", &run_current_user},
    Other{"auth", "Show how the caller logs in: auth describe, auth env", &run_auth},
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
  usage.subcommands.emplace_back("version", "Show the version");
  return usage;
}

Usage usage_of_service(Service const& service, std::string const& program) {
  Usage usage{.command = fmt::format("{} {}", program, service.name), .summary = std::string{service.summary} + "."};
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

/// The help of a group, for no command at all or for `--help`; other flags are refused.
int show_group(Usage const& usage, Arguments const& arguments) {
  CommandLine const line{usage, arguments};
  write(Stream::out, line.is_on("version") ? std::string{"lakebase "} + LAKEBASE_VERSION + '\n' : help_text(usage));
  return 0;
}

int run_service(Service const& service, std::string const& program, Arguments arguments) {
  auto word = take_word(arguments);
  if (!word) return show_group(usage_of_service(service, program), arguments);
  if (service.name == "postgres" && *word == reset_branch) return run_reset_branch(program, arguments);
  bring_up_to_date(program, std::string{service.name}, *word, arguments);
  for (auto const& command : service.commands()) {
    if (kebab(command.method) == *word) return run_command(command, program, arguments);
  }
  refuse_word(*word, usage_of_service(service, program));
}

int dispatch(std::string const& program, Arguments arguments) {
  auto const word = take_word(arguments);
  if (!word || *word == "help") return show_group(usage_of_program(program), arguments);
  if (*word == "version") return show_group(usage_of_program(program), {"--version"});
  for (auto const& service : services) {
    if (service.name == *word) return run_service(service, program, std::move(arguments));
  }
  for (auto const& other : others) {
    if (other.name == *word) return other.run(program, arguments);
  }
  refuse_word(*word, usage_of_program(program));
}

}  // namespace

int run_program(std::string const& program, std::vector<std::string> arguments) {
  try {
    return dispatch(program, std::move(arguments));
  } catch (UsageFailure const& error) {
    write(Stream::error, fmt::format("Error: {}\n\n{}", error.what(), error.usage()));
    return error.status();
  } catch (Failure const& error) {
    say(fmt::format("Error: {}", error.what()));
    return error.status();
  } catch (std::exception const& error) {
    say("Error: " + message_of(error));
    return 1;
  }
}

}  // namespace lakebase::cli
