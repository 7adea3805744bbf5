#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "common/timekeeper.hpp"
#include "data_plane/folders/folder_lock_posix.hpp"

namespace lakebase::emulator {

/// The folder of an emulator, for its exclusive use while it runs: temporary, or kept from run to run.
class OwnFolder {
 public:
  /// If none is wanted: a temporary folder, which is removed at the end; those that killed emulators of the same
  /// account left behind are removed first.
  /// @throws std::runtime_error if another process uses the folder, or it holds other files than an emulator's
  explicit OwnFolder(std::optional<std::filesystem::path> const& wanted);
  ~OwnFolder();
  OwnFolder(OwnFolder const&) = delete;
  OwnFolder& operator=(OwnFolder const&) = delete;

  /// Gives other accounts access to what is below: PostgreSQL may run as another one, and clients of others read
  /// ca.pem. To be called when the secrets are in place.
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

/// The ports of an emulator.
struct Ports {
  std::optional<std::uint16_t> http{};
  std::optional<std::uint16_t> postgres{};
};

/// The ports of a folder's last run. @throws std::runtime_error if their file is not ours
[[nodiscard]] Ports kept_ports(std::filesystem::path const& folder);
/// Saves the ports for the folder's next run.
void keep_ports(std::filesystem::path const& folder, Ports const& ports);

/// Counts the runs of a folder with a seed, this one included: each has random bytes of its own.
[[nodiscard]] std::uint64_t count_seeded_run(std::filesystem::path const& folder);

/// The time of the folder's emulator, which goes on where its last run has moved it. @throws std::runtime_error if the
/// file is not ours, or not readable
[[nodiscard]] std::shared_ptr<Timekeeper> kept_time(std::filesystem::path const& folder);

}  // namespace lakebase::emulator
