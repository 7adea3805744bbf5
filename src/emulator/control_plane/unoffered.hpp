#pragma once

#include "engine/router.hpp"

namespace lakebase::emulator {

/// Adds lines for the parts of the workspace's APIs that the emulator does not have. To be added after the lines of
/// those that it has.
void add_unoffered(Router& router);

}  // namespace lakebase::emulator
