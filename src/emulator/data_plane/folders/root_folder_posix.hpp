#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>

#include "data_plane/folders/folder_lock_posix.hpp"
#include "system/run_as_posix.hpp"

namespace lakebase::emulator {

/// Has ext4 scatter the folders that will be made in this one over the disk, by their names. Without a journal, ext4
/// does not use an inode again for half a minute after its end, and looks through all such inodes near by for every new
/// file: a new branch next to removed ones would take a second instead of a twentieth of it.
void scatter_subfolders(std::filesystem::path const& folder) noexcept;

/// Clears away what a killed emulator left of such a folder, and outside of it: processes, shared memory, sockets and
/// the data. To be called under the lock of the folder above.
void remove_root_folder(std::filesystem::path const& path, RunAs const& run_as);

/// The folder that all files of an emulator are in, which it has for itself.
class RootFolder {
 public:
  /// Nobody else can enter it yet. @throws DataPlaneError where another emulator uses the folder
  RootFolder(std::filesystem::path const& path, RunAs const& run_as);
  RootFolder(RootFolder const&) = delete;
  RootFolder& operator=(RootFolder const&) = delete;
  ~RootFolder();

  /// Lets PostgreSQL's account through to its folders, and clears away what an earlier life left in them. To be called
  /// once, when the emulator's own secrets are in place.
  /// @param log takes a line for each folder that cannot be cleared away
  /// @throws DataPlaneError where PostgreSQL could not reach them
  void open(std::function<void(std::string const&)> const& log);

  std::filesystem::path const& path() const noexcept { return path_; }
  std::filesystem::path branch(std::string const& uid) const { return branches_ / uid; }
  /// A new name for a folder in which a branch is made, before it gets its own by a rename: a half-made one is never
  /// taken for a branch.
  std::filesystem::path unfinished() const;
  /// Where the servers of a branch write their logs: a folder of ours, which PostgreSQL's account cannot reach.
  std::filesystem::path logs(std::string const& uid) const { return logs_ / uid; }
  /// A folder for the socket of one server, with a path that is short enough.
  std::filesystem::path next_socket_directory();

 private:
  void choose_socket_folder();
  void remove_unfinished(std::function<void(std::string const&)> const& log) const;

  RunAs const& run_as_;
  bool fresh_ = false;
  std::filesystem::path path_;
  FolderLock lock_;
  std::filesystem::path branches_;
  std::filesystem::path logs_;
  std::filesystem::path sockets_;
  std::atomic<int> socket_directories_{0};
};

}  // namespace lakebase::emulator
