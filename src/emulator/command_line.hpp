#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include <lakebase/testing/emulator.hpp>

namespace lakebase::emulator {

/// What the program was asked to do.
struct CommandLine {
  bool help = false;
  bool version = false;
  bool quiet = false;
  /// What the user should know, for the log.
  std::vector<std::string> warnings;
  testing::EmulatorOptions options;
};

/// A command line that makes no sense; the message says why.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads the arguments behind the program's name. @throws UsageError
CommandLine parse_command_line(std::vector<std::string> const& arguments);

std::string help_text();

}  // namespace lakebase::emulator
