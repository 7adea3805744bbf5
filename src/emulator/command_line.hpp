#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <lakebase/testing/emulator.hpp>

namespace lakebase::emulator {

/// What the program does.
enum class Action {
  serve,   ///< Serves until a signal.
  exec,    ///< Serves while a command runs.
  up,      ///< Starts an emulator in the background.
  env,     ///< Shows the environment for clients of one in the background.
  status,  ///< Tells whether one serves.
  down,    ///< Stops one.
};

/// What the program is to do.
struct CommandLine {
  Action action = Action::serve;
  /// For `exec`.
  std::vector<std::string> command;
  bool help = false;
  bool version = false;
  bool quiet = false;
  /// Whether there is an option other than --data-dir, which would apply only to a new emulator.
  bool shapes = false;
  /// Warnings for the log.
  std::vector<std::string> warnings;
  testing::EmulatorOptions options;
  /// Whether `options.data_dir` is `default_data_dir()`.
  bool in_default_folder = false;
};

/// A command line that is wrong; the message says why.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads the arguments behind the program's name. @throws UsageError
CommandLine parse_command_line(std::vector<std::string> const& arguments);

/// The data folder of `up`, `env`, `status` and `down` without --data-dir:
/// `${XDG_STATE_HOME:-~/.local/state}/lakebase-emulator`; for root `/var/lib/lakebase-emulator` if XDG_STATE_HOME is
/// not set and the account that PostgreSQL runs as cannot reach the home folder. A relative XDG_STATE_HOME counts as
/// not set. @throws UsageError if HOME is not set, or relative
std::filesystem::path default_data_dir();

std::string help_text();

}  // namespace lakebase::emulator
