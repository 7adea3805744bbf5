#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "data_plane/folders/folder_lock_posix.hpp"

namespace lakebase::emulator {

/// The folder of one life of an emulator, or of many, which it has for itself while it lives.
class OwnFolder {
 public:
  /// None wanted: a temporary folder, removed at the end; those that killed emulators of the same account left are
  /// removed first.
  /// @throws std::runtime_error where another process has the folder, or it holds what is no emulator's
  explicit OwnFolder(std::optional<std::filesystem::path> const& wanted);
  ~OwnFolder();
  OwnFolder(OwnFolder const&) = delete;
  OwnFolder& operator=(OwnFolder const&) = delete;

  /// To be called when the secrets are in: PostgreSQL, which may run as another user, must get through, and clients of
  /// other users to ca.pem.
  void open() const;

  std::filesystem::path const& path() const noexcept { return path_; }
  bool is_temporary() const noexcept { return is_temporary_; }

 private:
  bool is_temporary_;
  std::filesystem::path path_;
  std::optional<FolderLock> lock_;

  void make_temporary();
  void take(std::filesystem::path const& wanted);
};

/// The ports that an emulator served at.
struct Ports {
  std::optional<std::uint16_t> http{};
  std::optional<std::uint16_t> postgres{};
};

/// Those of a folder's last life. @throws std::runtime_error where the file that keeps them is none of ours
[[nodiscard]] Ports kept_ports(std::filesystem::path const& folder);
/// For its next life.
void keep_ports(std::filesystem::path const& folder, Ports const& ports);

}  // namespace lakebase::emulator
