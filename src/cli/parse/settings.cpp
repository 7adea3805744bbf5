#include "cli/parse/settings.hpp"

#include <fmt/format.h>

#include "cli/base/failure.hpp"
#include "cli/system/environment.hpp"
#include "cli/system/streams_posix.hpp"

namespace lakebase::cli {

Settings settings_of(CommandLine const& line, Usage const& usage, std::string const& program) {
  auto output = line.value("output");
  if (output && *output != "json" && *output != "text") {
    throw UsageFailure{
        fmt::format("invalid argument \"{}\" for \"-o, --output\" flag: accepted arguments are json and text", *output),
        usage_line(usage)};
  }
  if (line.value("target")) say("Note: --target names a bundle of the Databricks CLI, and has no effect here.");
  if (!output) output = variable("DATABRICKS_OUTPUT_FORMAT");
  if (!output) output = program == other_name ? "json" : "text";
  return {.program = program,
          .profile = line.value("profile"),
          .is_json = *output == "json",
          .shows_requests = line.is_on("debug") || line.value("log-level") == "debug"};
}

}  // namespace lakebase::cli
