#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

namespace lakebase::emulator {

// For copies of data directories: to be called with the rights of the account that they belong to. Whatever is no file
// and no folder is left out, links too.

/// Copies a file into one that is not there yet. It may grow, shrink or vanish meanwhile. Shares its blocks where the
/// file system can, else copies inside the kernel, else by reading and writing.
void copy_data_file(std::filesystem::path const& from, std::filesystem::path const& to);

/// Asked with the path below the copied folder about every file and folder, from two threads; of a folder that it does
/// not want, nothing is copied.
using WantedFiles = std::function<bool(std::string_view relative)>;

/// Copies a folder whose files may come and go meanwhile. The copy must not be there yet.
void copy_data_tree(std::filesystem::path const& from, std::filesystem::path const& to, WantedFiles const& wanted);

}  // namespace lakebase::emulator
