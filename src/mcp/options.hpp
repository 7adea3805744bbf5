#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "mcp/tools/workspace.hpp"

namespace lakebase::mcp {

/// What the command line of `lakebase-mcp` says.
struct Options {
  ToolOptions tools{};
  /// Whether to serve HTTP instead of stdio.
  bool serves_http = false;
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  /// The bearer token of HTTP; empty: none is asked for.
  std::string token{};
  /// Whether to start an emulator, and serve that.
  bool starts_emulator = false;
  /// The arguments without `--emulator`.
  std::vector<std::string> without_emulator{};
};

/// What is to be printed instead of serving.
struct Printed {
  std::string text;
  int status = 0;
};

/// @throws Printed for --help and --version, and with status 1 for a command line that is wrong
Options parse_options(std::vector<std::string> arguments);

}  // namespace lakebase::mcp
