#pragma once

#include "postgres/request_types.hpp"

namespace lakebase::emulator {

/// What requests of the API of database instances can carry, without what is only output. `tests/surface` has the whole
/// manifest.
RequestTypes const& database_request_types();

}  // namespace lakebase::emulator
