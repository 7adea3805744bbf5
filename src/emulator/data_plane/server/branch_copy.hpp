#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "data_plane/folders/control_file.hpp"
#include "data_plane/server/sql_session.hpp"
#include "system/run_as_posix.hpp"

namespace lakebase::emulator {

/// A state of a data directory. Two that are equal hold the same.
struct DataState {
  std::string lsn;
  std::string log_file;  ///< The file of the write-ahead log that begins with or holds it, and so the timeline.
  bool shut_down = false;

  friend bool operator==(DataState const&, DataState const&) = default;
};

/// What was copied.
struct DataCopy {
  std::string lsn;                 ///< The moment that the copy holds.
  std::optional<DataState> state;  ///< The state of the original that is equal to the copy; none: it has gone on.
};

/// Calls what copies a branch; its errors say whose data could not be copied, and what to do.
void while_copying(std::string const& uid, RunAs const& run_as, std::function<void()> const& copy);

/// The state of a running server's data, which changes with every change of the data.
DataState state_of_running_data(SqlSession& session);

/// The state of the data of a server that was shut down cleanly, as `control` tells.
DataState state_of_resting_data(ControlFile const& control);

/// Copies the data directory of a running server, so that a server on the copy recovers to a moment during the copying.
/// `session` is a superuser's and must not be used for anything else meanwhile.
DataCopy copy_running_data(SqlSession& session, int version, std::filesystem::path const& from,
                           std::filesystem::path const& to, RunAs const& owner);

/// Copies the data directory of a server that was shut down cleanly, as `control` tells; of the write-ahead log only
/// what a start needs.
DataCopy copy_resting_data(std::filesystem::path const& from, std::filesystem::path const& to,
                           ControlFile const& control, RunAs const& owner);

/// Removes from a data directory whose server was shut down cleanly what the next start does not need.
void tidy_resting_data(std::filesystem::path const& data, ControlFile const& control, RunAs const& owner);

/// Removes the files of the write-ahead log in front of a position that the next start of a server that does not run
/// does not need.
void trim_resting_log(std::filesystem::path const& data, ControlFile const& control, std::uint64_t lsn,
                      RunAs const& owner);

/// `copy_resting_data` without a copy: the original is no more.
void move_resting_data(std::filesystem::path const& from, std::filesystem::path const& to, ControlFile const& control,
                       RunAs const& owner);

}  // namespace lakebase::emulator
