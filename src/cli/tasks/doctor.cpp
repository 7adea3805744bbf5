#include "cli/tasks/doctor.hpp"

#include <optional>

#include <fmt/format.h>
#include <lakebase/error.hpp>

#include "cli/base/duration.hpp"
#include "cli/base/failure.hpp"
#include "cli/base/json.hpp"
#include "cli/base/words.hpp"
#include "cli/output/progress.hpp"
#include "cli/output/text.hpp"
#include "cli/parse/command_line.hpp"
#include "cli/parse/settings.hpp"
#include "cli/session/session.hpp"
#include "cli/system/interrupt_posix.hpp"
#include "cli/system/streams_posix.hpp"
#include "cli/tasks/look.hpp"
#include "tools/doctor.hpp"

namespace lakebase::cli {
namespace {

std::string mark_of(bool is_ok) {
  if (!draws_beyond_ascii()) return is_ok ? "ok    " : "FAILED";
  auto const* const mark = is_ok ? "✓" : "✗";
  if (!draws_in_colour()) return mark;
  return fmt::format("\033[{}m{}\033[0m", is_ok ? 32 : 31, mark);
}

double milliseconds(std::chrono::nanoseconds span) {
  return std::chrono::duration<double, std::milli>{span}.count();
}

std::string line_of(tools::DoctorStep const& step) {
  auto line = fmt::format("{} {:<9} {:>7.0f} ms  {}\n", mark_of(step.is_ok), step.name, milliseconds(step.elapsed),
                          printable(step.detail));
  if (!step.is_ok) line += fmt::format("  what to do: {}\n", printable(step.remedy));
  return line;
}

Json json_of(tools::DoctorStep const& step) {
  Json json{{"step", step.name}, {"ok", step.is_ok}, {"milliseconds", milliseconds(step.elapsed)}};
  json["detail"] = step.detail;
  if (!step.is_ok) json["remedy"] = step.remedy;
  return json;
}

Usage usage_of_doctor(std::string const& program) {
  return {.command = program + " doctor",
          .positionals = "[TARGET]",
          .summary = "Go from the configuration to a row of a database, and tell what to do where that fails.",
          .flags = {{"json", "print the steps as JSON", ""},
                    {"database", "name of the database (default databricks_postgres)", "NAME"},
                    {"schema", "look at the rights in this schema", "NAME"},
                    {"extensions", "extensions that have to be there, separated by commas", "LIST"},
                    {"synced-tables", "synced tables that have to be filled, CATALOG.SCHEMA.TABLE", "LIST"},
                    {"feeds", "look at the change data feeds of the database, too", ""},
                    {"read-only", "reading is all that is needed", ""},
                    {"timeout", "the longest time of a step (default 15s, and 60s to log in)", "DURATION"}},
          .example = program + " doctor projects/my-app"};
}

}  // namespace

int run_doctor(std::string const& program, std::vector<std::string> const& arguments) {
  auto const usage = usage_of_doctor(program);
  CommandLine const line{usage, arguments};
  auto settings = settings_of(line, usage, program);
  settings.is_json = settings.is_json || line.is_on("json");
  expect_positionals(line, usage, 0, 1);

  Interrupt const interrupt;
  std::optional<Progress> progress;
  tools::DoctorOptions options{.target = line.positionals().empty() ? "" : line.positionals()[0],
                               .database = line.value("database"),
                               .schema = line.value("schema").value_or(""),
                               .extensions = split(line.value("extensions").value_or(""), ','),
                               .synced_tables = split(line.value("synced-tables").value_or(""), ','),
                               .feeds = line.is_on("feeds"),
                               .reads_only = line.is_on("read-only"),
                               .profile_flag = settings.profile.has_value(),
                               .stop = interrupt.token()};
  if (auto const timeout = line.value("timeout")) {
    options.limit = parse_duration(*timeout, "--timeout");
    if (options.limit.count() <= 0) throw Failure{"--timeout has to be more than 0"};
    options.login_limit = options.limit;
  }
  options.on_step = [&](tools::DoctorStep const& step) {
    progress.reset();
    if (!settings.is_json) write(Stream::out, line_of(step));
    progress.emplace("after " + step.name);
  };
  try {
    auto const steps = tools::examine([&] { return workspace(settings, interrupt.token()); }, options);
    progress.reset();
    bool const is_well = steps.back().is_ok;
    if (settings.is_json) {
      auto all = Json::array();
      for (auto const& step : steps) all.push_back(json_of(step));
      Json const result{{"ok", is_well}, {"steps", std::move(all)}};
      write(Stream::out, pretty(result) + '\n');
    }
    return is_well ? 0 : 1;
  } catch (Cancelled const&) {
    progress.reset();
    throw Failure{"interrupted", interrupted_status};
  }
}

}  // namespace lakebase::cli
