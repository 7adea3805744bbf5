#pragma once

#include <memory>
#include <string>

#include "data_plane/server/compute.hpp"

namespace lakebase::emulator {

/// Logs in, starting the server if it does not run, and keeping it from being suspended as idle. @throws DataPlaneError
std::unique_ptr<DatabaseSession> open_session(std::shared_ptr<Compute> compute, std::string const& database,
                                              SessionOf whose);

}  // namespace lakebase::emulator
