// lakebase-emulator: runs an Emulator until it is told to stop.

#include <cstdio>
#include <exception>
#include <mutex>
#include <string>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <lakebase/testing/emulator.hpp>
#include <lakebase/version.hpp>

#include "command_line.hpp"
#include "control_plane/moment.hpp"
#include "descriptor_limit_posix.hpp"
#include "termination_posix.hpp"

namespace lakebase::emulator {
namespace {

// For a shell's eval.
std::string quoted(std::string const& text) {
  constexpr char const* plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:-";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string result = "'";
  for (char const c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

void log_line(std::string_view line) {
  static std::mutex mutex;
  auto const now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  std::lock_guard const lock{mutex};
  fmt::print(stderr, "{} {}\n", to_text(TimePoint{now}), line);
}

void announce(testing::Emulator const& emulator) {
  fmt::print("export DATABRICKS_HOST={}\n", quoted(emulator.host()));
  fmt::print("export DATABRICKS_TOKEN={}\n", quoted(emulator.token()));
  fmt::print("export PGSSLROOTCERT={}\n", quoted(emulator.ca_certificate().string()));
  fmt::print("export PGPORT={}\n", emulator.postgres_port());
  fmt::print("ready: {} is served for {}\n", emulator.host(), emulator.user_name());
  std::fflush(stdout);
}

int run(CommandLine line) {
  Termination const termination;
  if (!line.quiet) line.options.log = log_line;
  for (auto const& warning : line.warnings) log_line(warning);
  testing::Emulator const emulator{std::move(line.options)};
  announce(emulator);
  int const signal = termination.wait();
  if (!line.quiet) log_line(fmt::format("stopping on signal {}", signal));
  return 0;
}

int run(std::vector<std::string> const& arguments) {
  CommandLine line = parse_command_line(arguments);
  if (line.help) {
    fmt::print("{}", help_text());
    return 0;
  }
  if (line.version) {
    fmt::print("lakebase-emulator {}\n", LAKEBASE_VERSION);
    return 0;
  }
  return run(std::move(line));
}

}  // namespace
}  // namespace lakebase::emulator

int main(int argc, char** argv) try {
  lakebase::emulator::raise_descriptor_limit();
  return lakebase::emulator::run(std::vector<std::string>(argv + 1, argv + argc));
} catch (lakebase::emulator::UsageError const& error) {
  fmt::print(stderr, "lakebase-emulator: {}\nTry 'lakebase-emulator --help'.\n", error.what());
  return 2;
} catch (std::exception const& error) {
  fmt::print(stderr, "lakebase-emulator: {}\n", error.what());
  return 1;
}
