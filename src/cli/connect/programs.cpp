#include <fmt/format.h>
#include <lakebase/pq/connection_source.hpp>

#include "cli/base/failure.hpp"
#include "cli/base/words.hpp"
#include "cli/connect/psql.hpp"
#include "cli/session/session.hpp"
#include "cli/system/process_posix.hpp"
#include "cli/system/streams_posix.hpp"

namespace lakebase::cli {
namespace {

/// A connection to what TARGET names.
struct Connection {
  CommandLine line;
  pq::ConnectionSource source;
};

Usage usage_of(std::string const& program, std::string_view word, std::string_view positionals,
               std::string_view summary, std::string_view example) {
  return {.command = fmt::format("{} {}", program, word),
          .positionals = std::string{positionals},
          .summary = std::string{summary},
          .example = fmt::format("{} {} {}", program, word, example)};
}

Connection connection(Usage const& usage, std::string const& program, std::vector<std::string> const& arguments,
                      bool has_command) {
  CommandLine line{usage, arguments};
  auto const settings = settings_of(line, usage, program);
  if (has_command && line.positionals().size() > 1 && !line.has_dashes()) {
    throw UsageFailure{"the command to run has to stand after --", usage_line(usage)};
  }
  expect_positionals(line, usage, 1, 1);
  if (has_command && line.passed_on().empty()) {
    throw UsageFailure{"the command to run is missing: write it after --", usage_line(usage)};
  }
  if (!has_command && line.has_dashes()) throw UsageFailure{"nothing can follow --", usage_line(usage)};
  auto source = pq::source_for(workspace(settings), line.positionals()[0]);
  return {std::move(line), std::move(source)};
}

std::string password_of(pq::ConnectionSource const& source) {
  return source.credentials->get({}).password;
}

Variables variables_of(pq::ConnectionSource const& source) {
  auto const password = password_of(source);
  Variables variables;
  for (auto& [name, value] : source.parameters.to_environment(password)) variables[name] = value;
  variables["DATABASE_URL"] = source.parameters.to_url(password);
  return variables;
}

}  // namespace

int run_exec(std::string const& program, std::vector<std::string> const& arguments) {
  auto const usage = usage_of(program, "exec", "TARGET -- COMMAND...",
                              "Run a program with PGHOST, PGPASSWORD and the like, and with DATABASE_URL.",
                              "projects/my-app/branches/dev -- pg_dump --schema-only");
  auto const found = connection(usage, program, arguments, true);
  become(found.line.passed_on(), variables_of(found.source));
}

int run_env(std::string const& program, std::vector<std::string> const& arguments) {
  auto const usage = usage_of(program, "env", "TARGET", "Print a connection as lines for a shell, with a new token.",
                              "projects/my-app/branches/dev");
  auto const found = connection(usage, program, arguments, false);
  std::string text;
  for (auto const& [name, value] : variables_of(found.source))
    text += fmt::format("export {}={}\n", name, shell_quoted(*value));
  write(Stream::out, text);
  return 0;
}

int run_url(std::string const& program, std::vector<std::string> const& arguments) {
  auto const usage = usage_of(program, "url", "TARGET", "Print a connection as a URL, with a new token in it.",
                              "projects/my-app/branches/dev");
  auto const found = connection(usage, program, arguments, false);
  write(Stream::out, pq::url_with_token(found.source) + '\n');
  return 0;
}

int run_token(std::string const& program, std::vector<std::string> const& arguments) {
  auto const usage =
      usage_of(program, "token", "TARGET", "Print a new token, the password of a login for an hour at most.",
               "projects/my-app/branches/dev");
  auto const found = connection(usage, program, arguments, false);
  write(Stream::out, password_of(found.source) + '\n');
  return 0;
}

}  // namespace lakebase::cli
