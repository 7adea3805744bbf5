#pragma once

#include <string>

namespace lakebase::cli {

/// The JSON text that the value of `--json` stands for: itself, that of `@FILE`, or for `-` all of standard input.
/// `source` becomes what messages call it.
/// @throws Failure if it cannot be read
std::string json_argument(std::string const& argument, std::string& source);

}  // namespace lakebase::cli
