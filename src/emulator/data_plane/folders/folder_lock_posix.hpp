#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {

/// Gives one process exclusive use of a folder, by a lock on the file `lock` in it. The lock ends with the process,
/// however that ends; so a file that a killed process left behind means nothing. It holds the process's id for others.
class FolderLock {
 public:
  /// None: another process uses the folder, or removes it at this moment. @throws std::system_error
  [[nodiscard]] static std::optional<FolderLock> take(std::filesystem::path const& folder);
  /// The same in an open folder, if it has the file already. None also if there is no such file of ours.
  [[nodiscard]] static std::optional<FolderLock> take_existing(int folder);

 private:
  explicit FolderLock(UniqueFd file) : file_(std::move(file)) {}
  UniqueFd file_;
};

/// The process that uses a folder.
struct LockHolder {
  /// None: it is unknown, or cannot be proved.
  std::optional<pid_t> process;
};

/// None: nobody uses the folder, or there is none. Does not disturb a process that takes the lock at the same time.
/// @throws std::runtime_error if the folder is closed to us, or not a folder
[[nodiscard]] std::optional<LockHolder> lock_holder(std::filesystem::path const& folder);

}  // namespace lakebase::emulator
