#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "data_plane/run_as_posix.hpp"
#include "data_plane/unique_fd_posix.hpp"

namespace lakebase::emulator {

/// Copies a file, which may grow, shrink or vanish meanwhile: sharing its blocks where the file system can, else inside
/// the kernel, else by reading and writing. False: it has vanished.
bool copy_file(std::filesystem::path const& from, std::filesystem::path const& to, RunAs const& owner);

/// Asked with the path below the copied folder about every file and folder; of a folder that it does not want, nothing
/// is copied.
using WantedFiles = std::function<bool(std::filesystem::path const& relative)>;

/// Copies a folder whose files may come and go meanwhile. Links are left out.
void copy_tree(std::filesystem::path const& from, std::filesystem::path const& to, RunAs const& owner,
               WantedFiles const& wanted);

/// Opens a file for appending, for its owner's eyes only.
UniqueFd open_log(std::filesystem::path const& path, RunAs const& owner);

}  // namespace lakebase::emulator
