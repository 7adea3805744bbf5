#pragma once

#include <string>

#include <lakebase/testing/emulator.hpp>

namespace lakebase::emulator {

/// Reads the value of `--limits`. @throws UsageError
void read_limits(std::string const& value, testing::EmulatorOptions& options);
/// Reads the value of `--limit`: `branches=20`, `ttl=60d`. @throws UsageError
void read_limit(std::string const& value, testing::EmulatorLimits& limits);

}  // namespace lakebase::emulator
