#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "data_plane/folders/folder_lock_posix.hpp"
#include "system/run_as_posix.hpp"

namespace lakebase::emulator {

/// Makes ext4 spread the folders that will be created in this one over the disk, by their names. Without a journal,
/// ext4 does not reuse an inode for half a minute after its removal, and looks through all such inodes near by for
/// every new file: a new branch next to removed ones would take a second instead of a twentieth of it.
void scatter_subfolders(std::filesystem::path const& folder) noexcept;

/// How the folders of a branch's hot standbys begin.
inline constexpr std::string_view member_folder = "member-";
/// The name by which the processes of a server on such a folder are known. PostgreSQL truncates longer ones.
inline std::string cluster_name_of(std::string const& folder, std::string const& branch_uid) {
  return (folder + "-" + branch_uid).substr(0, 60);
}

/// Removes what a killed emulator left of such a folder, and outside of it: processes, shared memory, sockets and the
/// data. To be called under the lock of the parent folder.
void remove_root_folder(std::filesystem::path const& path, RunAs const& run_as);

/// The folder of all files of one emulator, for its exclusive use.
class RootFolder {
 public:
  /// Other accounts cannot enter the folder yet. @throws DataPlaneError if another emulator uses it
  RootFolder(std::filesystem::path const& path, RunAs const& run_as);
  RootFolder(RootFolder const&) = delete;
  RootFolder& operator=(RootFolder const&) = delete;
  ~RootFolder();

  /// Gives PostgreSQL's account access to its folders, and removes what an earlier run left unfinished in them. To be
  /// called once, when the emulator's own secrets are in place.
  /// @param log called with a line for each folder that cannot be removed
  /// @throws DataPlaneError if PostgreSQL could not reach them
  void open(std::function<void(std::string const&)> const& log);

  std::filesystem::path const& path() const noexcept { return path_; }
  std::filesystem::path const& branches() const noexcept { return branches_; }
  std::filesystem::path branch(std::string const& uid) const { return branches_ / uid; }
  std::filesystem::path const& images() const noexcept { return images_; }
  std::filesystem::path image(std::string const& id) const { return images_ / id; }
  /// A new name for the folder of a branch or an image that is being created. It gets its own name by a rename, so that
  /// an incomplete one is never taken for one.
  std::filesystem::path unfinished() const;
  /// The folder of the logs of a branch's servers: ours, so that PostgreSQL's account cannot reach it.
  std::filesystem::path logs(std::string const& uid) const { return logs_ / uid; }
  /// The folder of the mirrors of installations: ours, and PostgreSQL's account may read it.
  std::filesystem::path extensions() const { return path_ / "extensions"; }
  /// A folder for the socket of one server, whose path is short enough.
  std::filesystem::path next_socket_directory();

 private:
  void choose_socket_folder();
  void remove_unfinished(std::function<void(std::string const&)> const& log) const;

  RunAs const& run_as_;
  bool fresh_ = false;
  std::filesystem::path path_;
  FolderLock lock_;
  std::filesystem::path branches_;
  std::filesystem::path images_;
  std::filesystem::path logs_;
  std::filesystem::path sockets_;
  std::atomic<int> socket_directories_{0};
};

}  // namespace lakebase::emulator
