#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "system/run_as_posix.hpp"
#include "system/socket_posix.hpp"

namespace lakebase::emulator {

/// Kills what a dead postmaster left behind. Its children are in sessions of their own, notice its death only when they
/// next wait, and keep the next postmaster from starting until then. They are known by their working directory, the
/// data directory; where that cannot be read, by the cluster's name in their titles. Only processes of PostgreSQL's
/// account are ours to kill. False: some still live at the deadline.
bool kill_leftover_processes(std::filesystem::path const& data, std::string const& cluster_name, RunAs const& run_as,
                             Deadline deadline);

/// Removes the shared memory segment that the text of a dead server's postmaster.pid names; nobody would, if it never
/// starts again.
void remove_leftover_shared_memory(std::string const& postmaster_pid, RunAs const& run_as);

}  // namespace lakebase::emulator
