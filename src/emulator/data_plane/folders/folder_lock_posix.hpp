#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {

/// Says that one process has a folder for itself, by a lock on the file `lock` in it. The lock ends with the process,
/// whatever ends that; so a file that a killed one left behind means nothing. The process's id is in it for others.
class FolderLock {
 public:
  /// None: another process has the folder, or removes it at this moment. @throws std::system_error
  [[nodiscard]] static std::optional<FolderLock> take(std::filesystem::path const& folder);
  /// The same where the folder has a lock already, in a folder that is open. None also: there is no such file of ours.
  [[nodiscard]] static std::optional<FolderLock> take_existing(int folder);

 private:
  explicit FolderLock(UniqueFd file) : file_(std::move(file)) {}
  UniqueFd file_;
};

/// Who has a folder.
struct LockHolder {
  /// None: it cannot be known, or proved.
  std::optional<pid_t> process;
};

/// None: nobody has the folder, or there is none. Disturbs nobody who takes it at the same time.
/// @throws std::runtime_error where that cannot be known, as the folder is closed to us, or no folder
[[nodiscard]] std::optional<LockHolder> lock_holder(std::filesystem::path const& folder);

}  // namespace lakebase::emulator
