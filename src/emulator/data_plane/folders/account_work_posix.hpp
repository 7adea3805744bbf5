#pragma once

#include <functional>
#include <optional>

#include "data_plane/folders/folder_removal_posix.hpp"
#include "system/run_as_posix.hpp"

namespace lakebase::emulator {

/// Does work on files that belong to PostgreSQL's account, with that account's rights and no others, and returns when
/// it is done. If we run as that account anyway, the work is simply called.
///
/// If we are root: that account owns the folders of the branches, and so can replace any name in them by a link at any
/// moment, also between a check and its use. Instead of checking names, we have the kernel refuse: the work runs on a
/// thread of its own with the account's rights. What it creates belongs to the account from the beginning, so that no
/// file has to be handed over. Only the effective ids change, because a process may signal and trace those whose real
/// and saved ids are its own; and only those of the thread, by raw system calls, because the C library's functions
/// change the whole process. Compared with openat2 and checks of owners by descriptor, this one rule covers every
/// system call, hard links and folders included, on every kernel. A child process could do only what is safe after a
/// fork of a process with threads, and would need a protocol for its orders.
///
/// @throws what `work` throws
void work_as(RunAs const& account, std::function<void()> const& work);

/// Creates a folder of that account in a folder of ours. @throws std::system_error if the name is taken
void make_account_folder(std::filesystem::path const& path, RunAs const& account);

/// Removes such a folder: its contents with the account's rights, itself with ours. Returns what could not be removed;
/// none: it is gone, or did not exist.
std::optional<Leftover> remove_account_folder(std::filesystem::path const& path, RunAs const& account) noexcept;

}  // namespace lakebase::emulator
