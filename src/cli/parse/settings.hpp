#pragma once

#include <optional>
#include <string>

#include "cli/parse/command_line.hpp"

namespace lakebase::cli {

/// What the global flags say.
struct Settings {
  /// What the program was called as.
  std::string program = "lakebase";
  std::optional<std::string> profile{};
  bool is_json = false;
  bool shows_requests = false;
};

/// Called as `databricks` it prints JSON unless told otherwise, as that program does for these commands.
inline constexpr std::string_view other_name = "databricks";

/// @throws UsageFailure for an output type that there is not
Settings settings_of(CommandLine const& line, Usage const& usage, std::string const& program);

}  // namespace lakebase::cli
