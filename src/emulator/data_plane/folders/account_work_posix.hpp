#pragma once

#include <functional>
#include <optional>

#include "data_plane/folders/folder_removal_posix.hpp"
#include "system/run_as_posix.hpp"

namespace lakebase::emulator {

/// Does work on files that belong to PostgreSQL's account, with that account's rights and no more, and returns when it
/// is done. Where we run as that account anyway, it is just called.
///
/// Where we are root: that account owns the folders of the branches, and so may replace any name in them by a link, at
/// any moment, also between a look and the deed. Instead of checking names, we let the kernel refuse: the work runs on
/// a thread that has exchanged its rights for the account's, and that ends with it. What it creates belongs to the
/// account from its first moment, so nothing is ever given away. Only the effective ids change, for a process may
/// signal and trace those whose real and saved ids are its own; and only the thread's, by system calls of its own, for
/// the C library's change the whole process. Compared with openat2 and checks of owners by descriptor, one rule covers
/// each call there is, hard links and folders included, on each kernel. A child process could do only what is safe
/// after a fork of a process with threads, and would have to be told everything by words.
///
/// @throws what `work` throws
void work_as(RunAs const& account, std::function<void()> const& work);

/// Makes a folder of that account, in a folder of ours. @throws std::system_error where the name is taken
void make_account_folder(std::filesystem::path const& path, RunAs const& account);

/// Removes such a folder: what is in it with the account's rights, itself with ours. Tells what is left of it all the
/// same; none: it is gone, or was not there.
std::optional<Leftover> remove_account_folder(std::filesystem::path const& path, RunAs const& account) noexcept;

}  // namespace lakebase::emulator
