#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "data_plane/folders/folder_removal_posix.hpp"
#include "system/run_as_posix.hpp"

namespace lakebase::emulator {

/// The files of a data directory that the emulator opens by name. There is no other way to open one, so that these are
/// the names that an attack could use. (A copy also opens all that it meets; see file_copy_posix.hpp.)
enum class DataFile {
  version,
  config,
  auto_config,
  host_access,
  user_map,
  process,
  control,
  backup_label,
  used_backup_label,
  tablespace_map,
  standby_signal,
  recovery_signal,
  // In the folder of a branch or of an image, around the data directory.
  image,        ///< The image that the branch refers to, as long as it has no data of its own.
  next_image,   ///< The image that takes the place of the data; it counts once they are gone.
  current,      ///< Once a standby has taken the branch over: the folder of its data, and those that were it before.
  history,      ///< What the past of the branch is recovered from; see `HistoryBase`.
  image_facts,  ///< Of an image: the LSN that it holds, and the key if it is a template.
};

/// Those in a data directory.
inline constexpr std::array data_files = {
    DataFile::version,           DataFile::config,         DataFile::auto_config,    DataFile::host_access,
    DataFile::user_map,          DataFile::process,        DataFile::control,        DataFile::backup_label,
    DataFile::used_backup_label, DataFile::tablespace_map, DataFile::standby_signal, DataFile::recovery_signal,
};

/// Folders of a data directory whose entries the emulator lists and copies by name.
inline constexpr std::array data_subfolders = {"base", "global", "pg_replslot", "pg_wal"};

/// The file's path below the data directory.
std::string_view name_of(DataFile file);
/// The most bytes that the file may have, well above what PostgreSQL or the emulator ever writes into it.
std::uintmax_t largest_size(DataFile file);
/// The suffix of that path while the file is written.
inline constexpr std::string_view unfinished_suffix = ".next";

/// The data directory of a server. It belongs to PostgreSQL's account, with whose rights everything is done. Anything
/// but a regular file is an error: links are not followed, and pipes are not waited for. So is a file that is larger
/// than `largest_size`, which would fill our memory, or PostgreSQL's.
class DataFolder {
 public:
  DataFolder(std::filesystem::path path, RunAs const& account) : path_(std::move(path)), account_(account) {}

  std::filesystem::path const& path() const noexcept { return path_; }

  /// Empty if it does not exist. @throws DataPlaneError
  [[nodiscard]] std::string read(DataFile file) const;
  /// Whether anything has that name.
  [[nodiscard]] bool has(DataFile file) const;
  /// Replaces the whole file. @throws DataPlaneError
  void write(DataFile file, std::string_view text) const;
  void remove(DataFile file) const;
  /// Removes the data directory. Returns what could not be removed.
  std::optional<Leftover> remove_all() const;

  /// Checks that files and folders are what they were created as: PostgreSQL itself would wait for a pipe, and follow a
  /// link. @throws DataPlaneError that names what is not
  void require_as_made() const;

 private:
  std::filesystem::path path_;
  RunAs const& account_;
};

}  // namespace lakebase::emulator
