#pragma once

#include <string>
#include <utility>
#include <vector>

#include <lakebase/testing/emulator.hpp>

namespace lakebase::emulator {

/// The environment variables for clients of an emulator: names and values.
using Environment = std::vector<std::pair<std::string, std::string>>;

Environment environment_of(testing::Emulator const& emulator);

/// Lines `export NAME=value` that a shell can eval.
std::string export_lines(Environment const& environment);

}  // namespace lakebase::emulator
