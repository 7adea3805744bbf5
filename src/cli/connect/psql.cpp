#include "cli/connect/psql.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <lakebase/pq/connection_parameters.hpp>

#include "cli/api/conform.hpp"
#include "cli/base/failure.hpp"
#include "cli/connect/resolve.hpp"
#include "cli/connect/target.hpp"
#include "cli/session/session.hpp"
#include "cli/system/environment.hpp"
#include "cli/system/process_posix.hpp"
#include "cli/system/streams_posix.hpp"

namespace lakebase::cli {
namespace {

constexpr int connection_failed = 2;  // of psql
constexpr std::string_view usual_port = "5432";
constexpr std::string_view usual_database = "databricks_postgres";
constexpr std::chrono::seconds first_pause{1};
constexpr std::chrono::seconds longest_pause{10};

Usage usage_of_psql(std::string const& program) {
  return {.command = program + " psql",
          .positionals = "[TARGET] [-- PSQL_ARGS...]",
          .summary = "Open a session with psql: on a project, branch or endpoint by its name, or on an instance.",
          .flags = {{"max-retries", "attempts to connect (default 3); 0: run psql once, in place of this program", "N"},
                    {"provisioned", "only instances", ""},
                    {"autoscaling", "only projects", ""},
                    {"project", "id of the project", "ID"},
                    {"branch", "id of the branch (default: the only one)", "ID"},
                    {"endpoint", "id of the endpoint (default: the only one)", "ID"}},
          .example = program + " psql projects/my-app/branches/dev -- -c 'SELECT 1'"};
}

bool names_any(std::vector<std::string> const& arguments, std::string_view letter, std::string_view word) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [&](std::string const& argument) { return argument == letter || argument.starts_with(word); });
}

std::string port_of(Config const& config) {
  if (config.postgres_port) return fmt::format("{}", *config.postgres_port);
  return variable("PGPORT").value_or(std::string{usual_port});
}

std::vector<std::string> command_of(tools::Login const& login, Config const& config,
                                    std::vector<std::string> const& extra) {
  std::vector<std::string> command = {"psql", "--host=" + login.host, "--username=" + login.user};
  if (!names_any(extra, "-p", "--port=")) command.push_back("--port=" + port_of(config));
  if (!names_any(extra, "-d", "--dbname=")) command.push_back(fmt::format("--dbname={}", usual_database));
  command.insert(command.end(), extra.begin(), extra.end());
  return command;
}

Variables variables_of(tools::Login const& login, Config const& config) {
  auto const roots = config.postgres_root_certificates.value_or(pq::find_root_file());
  if (roots.empty()) {
    say("Warning: no file of certificate authorities was found, so the server is not verified; name one in "
        "PGSSLROOTCERT.");
    return {{"PGPASSWORD", login.token}, {"PGSSLMODE", "require"}};
  }
  return {{"PGPASSWORD", login.token}, {"PGSSLMODE", "verify-full"}, {"PGSSLROOTCERT", roots}};
}

bool is_final(std::string const& errors) {
  return errors.find("does not exist") != std::string::npos ||
         errors.find("authentication failed") != std::string::npos;
}

/// Runs psql until it has connected, or as often as is allowed.
int run_with_retries(std::vector<std::string> const& command, Variables const& variables, std::int64_t attempts,
                     Clock& clock) {
  auto const failure = fmt::format("connection failed: psql exited with code {}", connection_failed);
  auto pause = first_pause;
  for (std::int64_t attempt = 1; attempt <= attempts; ++attempt) {
    if (attempt > 1) {
      say(fmt::format("Connection attempt {}/{} failed, retrying in {}s...", attempt - 1, attempts, pause.count()));
      clock.sleep_until(clock.now() + pause, {});
      pause = std::min(2 * pause, longest_pause);
      say(fmt::format("Retrying connection (attempt {}/{})...", attempt, attempts));
    }
    std::string errors;
    int const status = run(command, variables, &errors);
    if (status == 0) return 0;
    if (status != connection_failed) throw Failure{fmt::format("exit status {}", status), status};
    if (is_final(errors)) throw Failure{failure};
    say("Connection failed with retryable error: " + failure);
  }
  throw Failure{fmt::format("failed to connect after {} attempts, last error: {}", attempts, failure)};
}

}  // namespace

int run_psql(std::string const& program, std::vector<std::string> const& arguments) {
  auto const usage = usage_of_psql(program);
  CommandLine const line{usage, arguments};
  auto const settings = settings_of(line, usage, program);
  auto const target = read_target(line);
  auto const attempts =
      flag_value(line.value("max-retries").value_or("3"), shape_of<std::int64_t>(), "max-retries").get<std::int64_t>();

  auto const client = workspace(settings);
  auto const login = resolve(client, target);
  auto const command = command_of(login, client.config(), line.passed_on());
  auto const variables = variables_of(login, client.config());
  if (attempts <= 0) become(command, variables);
  return run_with_retries(command, variables, attempts, *client.postgres.clock());
}

}  // namespace lakebase::cli
