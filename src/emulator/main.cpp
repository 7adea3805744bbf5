// lakebase-emulator: runs an Emulator until it is told to stop, while a command runs, or in the background.

#include <cstdio>
#include <exception>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <lakebase/testing/emulator.hpp>
#include <lakebase/version.hpp>

#include "background_posix.hpp"
#include "command_line.hpp"
#include "command_posix.hpp"
#include "common/time.hpp"
#include "descriptor_limit_posix.hpp"
#include "environment.hpp"
#include "termination_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;
using State = Background::State;

/// The exit status of init scripts for this.
constexpr int not_running = 3;

void log_line(std::string_view line) {
  static std::mutex mutex;
  auto const now = std::chrono::floor<std::chrono::milliseconds>(system_time());
  std::lock_guard const lock{mutex};
  fmt::print(stderr, "{} {}\n", to_text(TimePoint{now}), line);
}

void complain(std::exception const& error) {
  auto const* const of_file = dynamic_cast<fs::filesystem_error const*>(&error);
  bool const named = of_file != nullptr && !of_file->path1().empty();
  // Its own text names functions of the C++ library.
  std::string const text =
      named ? fmt::format("{}: {}", of_file->path1().string(), of_file->code().message()) : std::string{error.what()};
  fmt::print(stderr, "lakebase-emulator: {}\n", text);
}

void take_log(CommandLine& line) {
  if (!line.quiet) line.options.log = log_line;
  for (auto const& warning : line.warnings) log_line(warning);
}

void say(std::string const& text) {
  fmt::print("{}", text);
  std::fflush(stdout);
}

void wait_for_end(Termination const& termination, bool quiet) {
  auto const signal = termination.wait();
  if (!quiet) log_line(fmt::format("stopping on signal {}", signal.number));
}

int serve(CommandLine line) {
  Termination const termination;
  take_log(line);
  testing::Emulator const emulator{std::move(line.options)};
  say(export_lines(environment_of(emulator)));
  say(fmt::format("ready: {} is served for {}\n", emulator.host(), emulator.user_name()));
  wait_for_end(termination, line.quiet);
  return 0;
}

int exec(CommandLine line) {
  Termination const termination{Termination::Of::command};
  take_log(line);
  testing::Emulator const emulator{std::move(line.options)};
  return run_command(std::move(line.command), environment_of(emulator), termination);
}

/// For the process in the background.
int serve_and_tell(CommandLine line, std::function<void()> const& serving) try {
  Termination const termination;
  take_log(line);
  testing::Emulator const emulator{std::move(line.options)};
  // Otherwise the process would prevent a file system from being unmounted.
  fs::current_path("/");
  serving();
  wait_for_end(termination, line.quiet);
  return 0;
} catch (std::exception const& error) {
  complain(error);
  return 1;
}

std::string who(Background const& background) {
  return background.process.empty() ? std::string{"a process"} : "process " + background.process;
}

std::string described(Background const& background, fs::path const& folder) {
  return fmt::format("{}, data in {}", who(background), folder.string());
}

/// What the folder of an emulator that does not run holds.
std::string remains(fs::path const& folder) {
  std::error_code ignored;
  bool const nothing = !fs::exists(folder, ignored) || fs::is_empty(folder, ignored);
  return nothing ? fmt::format("nothing in {} yet", folder.string()) : fmt::format("data in {}", folder.string());
}

void make_folder_of(CommandLine const& line, fs::path const& folder) try {
  make_data_folder(folder);
} catch (std::exception const& error) {
  if (!line.in_default_folder) throw;
  throw std::runtime_error(
      fmt::format("{}; XDG_STATE_HOME, else HOME, leads there: set it, or name a folder by --data-dir", error.what()));
}

/// The part of the environment for an address; with port 0, which stands for any port, only its beginning.
std::string http_part(std::string const& address, std::uint16_t port) {
  auto const host = address.find(':') == std::string::npos ? address : fmt::format("[{}]", address);
  return port == 0 ? fmt::format("http://{}:", host)
                   : export_lines({{"DATABRICKS_HOST", fmt::format("http://{}:{}", host, port)}});
}

/// The options in which a running emulator differs, as far as its environment tells.
std::string differences(testing::EmulatorOptions const& wanted, std::string const& exports) {
  std::string names;
  auto const compare = [&](char const* option, std::string const& part) {
    if (exports.find(part) == std::string::npos) names += fmt::format("{}{}", names.empty() ? "" : ", ", option);
  };
  if (wanted.http_port) compare("--http", http_part(wanted.http_address, *wanted.http_port));
  if (wanted.postgres_port.value_or(0) != 0) {
    compare("--postgres-port", export_lines({{"PGPORT", std::to_string(*wanted.postgres_port)}}));
  }
  if (!wanted.token.empty()) compare("token", export_lines({{"DATABRICKS_TOKEN", wanted.token}}));
  return names;
}

int find_up(CommandLine const& line, fs::path const& folder, Background const& background) {
  if (auto const names = differences(line.options, background.exports); !names.empty()) {
    throw std::runtime_error(
        fmt::format("{} serves {} already, with another {}: 'lakebase-emulator down' first, then 'up' with these",
                    who(background), folder.string(), names));
  }
  fmt::print(stderr, "lakebase-emulator: serves already: {}\n", described(background, folder));
  if (line.shapes) {
    fmt::print(stderr,
               "lakebase-emulator: its options stay those that it was started with; 'lakebase-emulator down' first, to "
               "change them\n");
  }
  say(background.exports);
  return 0;
}

int bring_up(CommandLine const& line, fs::path const& folder) {
  if (auto const found = look_for(folder); found.state == State::serving) return find_up(line, folder, found);
  make_folder_of(line, folder);
  auto const background =
      start_in_background(folder, [&](auto const& serving) { return serve_and_tell(line, serving); });
  fmt::print(stderr, "lakebase-emulator: serves: {}\n", described(background, folder));
  say(background.exports);
  return 0;
}

int show_environment(fs::path const& folder) {
  auto const background = look_for(folder);
  if (background.state == State::serving) {
    say(background.exports);
    return 0;
  }
  fmt::print(stderr, "lakebase-emulator: no emulator serves {}{}; 'lakebase-emulator up' starts one\n", folder.string(),
             background.state == State::starting ? " yet" : "");
  return not_running;
}

int show_status(fs::path const& folder) {
  auto const background = look_for(folder);
  switch (background.state) {
    case State::serving:
      say(fmt::format("serves: {}\n", described(background, folder)));
      return 0;
    case State::starting:
      say(fmt::format("starts or stops: {}\n", described(background, folder)));
      return not_running;
    case State::none:
      break;
  }
  say(fmt::format("does not run: {}\n", remains(folder)));
  return not_running;
}

int take_down(fs::path const& folder) {
  bool const stopped = stop_background(folder);
  fmt::print(stderr, "lakebase-emulator: {}\n",
             stopped ? fmt::format("stopped: data stays in {}", folder.string())
                     : fmt::format("does not run: {}", remains(folder)));
  return 0;
}

fs::path whole_path(fs::path const& folder) {
  std::error_code error;
  fs::path const found = fs::absolute(folder, error);
  if (!error) return found;
  throw std::runtime_error(
      fmt::format("the current folder is unavailable ({}), and {} is relative to it: give --data-dir "
                  "an absolute path",
                  error.message(), folder.string()));
}

int act(CommandLine line) {
  fs::path const folder = line.options.data_dir ? whole_path(*line.options.data_dir) : fs::path{};
  switch (line.action) {
    case Action::serve:
      return serve(std::move(line));
    case Action::exec:
      return exec(std::move(line));
    case Action::up:
      return bring_up(line, folder);
    case Action::env:
      return show_environment(folder);
    case Action::status:
      return show_status(folder);
    case Action::down:
      return take_down(folder);
  }
  return 2;
}

int run(std::vector<std::string> const& arguments) {
  CommandLine line = parse_command_line(arguments);
  if (line.help) {
    say(help_text());
    return 0;
  }
  if (line.version) {
    say(fmt::format("lakebase-emulator {}\n", LAKEBASE_VERSION));
    return 0;
  }
  return act(std::move(line));
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
  lakebase::emulator::complain(error);
  return 1;
}
