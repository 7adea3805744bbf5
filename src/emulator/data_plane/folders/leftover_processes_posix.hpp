#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "system/run_as_posix.hpp"
#include "system/socket_posix.hpp"

namespace lakebase::emulator {

/// Kills the children that a dead postmaster left behind. They are in sessions of their own, notice its death only when
/// they next wait, and prevent the next postmaster from starting until then. They are recognized by their working
/// directory, the data directory; if that cannot be read, by the cluster's name in their titles. Only processes of
/// PostgreSQL's account are killed. False if some still run at the deadline.
bool kill_leftover_processes(std::filesystem::path const& data, std::string const& cluster_name, RunAs const& run_as,
                             Deadline deadline);

/// Removes the shared memory segment that the text of a dead server's postmaster.pid names; nobody else would, if that
/// server never starts again.
void remove_leftover_shared_memory(std::string const& postmaster_pid, RunAs const& run_as);

}  // namespace lakebase::emulator
