#pragma once

#include <string>
#include <string_view>

#include "cli/parse/command_line.hpp"

namespace lakebase::cli {

/// What psql is to connect to, as far as the command line says.
struct Target {
  enum class Product { any, provisioned, autoscaling };

  Product product = Product::any;
  /// Ids; empty if the only one is to be taken, or one is to be chosen.
  std::string project{};
  std::string branch{};
  std::string endpoint{};
  /// Name of an instance; empty if one is to be chosen.
  std::string instance{};
};

/// Reads TARGET and the flags --project, --branch, --endpoint, --provisioned and --autoscaling.
/// @throws Failure if they contradict each other
Target read_target(CommandLine const& line);

}  // namespace lakebase::cli
