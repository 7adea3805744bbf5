#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "data_plane/folders/control_file.hpp"
#include "data_plane/history/wal_log_posix.hpp"
#include "system/run_as_posix.hpp"

namespace lakebase::emulator {

/// The control file of a data directory. @throws DataPlaneError if it cannot be read
ControlFile control_file_of(std::filesystem::path const& data, RunAs const& account);

/// Makes a data directory from which the first start of a server recovers exactly what the log holds in front of a
/// position, because the log ends there. Unlike with a target of recovery, the timeline stays, and the position need
/// not be followed by anything. If the log changes to another timeline on the way, the recovery is one from an archive,
/// which begins a new timeline.
///
/// @param base a complete data directory whose state is no later than `end`
/// @param log that of the branch, behind which is the base's own
/// @return the last timeline, if it changes; see `ServerConfig`
std::optional<std::uint32_t> lay_out_recovery(std::filesystem::path const& base, WalLog const& log, std::uint64_t end,
                                              std::filesystem::path const& to, RunAs const& account);

}  // namespace lakebase::emulator
