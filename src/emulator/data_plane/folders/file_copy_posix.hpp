#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

namespace lakebase::emulator {

// For copies of data directories: to be called with the rights of the account that owns them. Only regular files and
// folders are copied, no links.

/// Copies a file into one that does not exist yet. The source may grow, shrink or vanish meanwhile. Shares its blocks
/// if the file system can, else copies inside the kernel, else by reading and writing.
void copy_data_file(std::filesystem::path const& from, std::filesystem::path const& to);

/// Called with the path, below the copied folder, of every file and folder, from two threads. If it returns false for a
/// folder, nothing in that is copied.
using WantedFiles = std::function<bool(std::string_view relative)>;

/// Copies a folder whose files may come and go meanwhile. The copy must not exist yet.
void copy_data_tree(std::filesystem::path const& from, std::filesystem::path const& to, WantedFiles const& wanted);

}  // namespace lakebase::emulator
