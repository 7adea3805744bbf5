#pragma once

#include <filesystem>
#include <string>

#include "data_plane/folders/control_file.hpp"
#include "data_plane/server/sql_session.hpp"
#include "system/run_as_posix.hpp"

namespace lakebase::emulator {

/// Copies the data directory of a running server, so that a server on the copy recovers to a moment during the copying.
/// `session` is a superuser's and must not be used for anything else meanwhile. Returns that moment, as an LSN.
std::string copy_running_data(SqlSession& session, int version, std::filesystem::path const& from,
                              std::filesystem::path const& to, RunAs const& owner);

/// Copies the data directory of a server that was shut down cleanly, as `control` tells; of the write-ahead log only
/// what a start needs. Returns the LSN of the shutdown.
std::string copy_resting_data(std::filesystem::path const& from, std::filesystem::path const& to,
                              ControlFile const& control, RunAs const& owner);

}  // namespace lakebase::emulator
