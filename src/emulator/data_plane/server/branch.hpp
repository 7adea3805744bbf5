#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/time.hpp"
#include "data_plane/folders/root_folder_posix.hpp"
#include "data_plane/server/compute_slot.hpp"
#include "data_plane/server/extension_mirrors.hpp"
#include "data_plane/server/postgres_installation.hpp"

namespace lakebase::emulator {

/// What all branches of a data plane share.
struct BranchSurroundings {
  PostgresInstallations const& installations;
  RunAs const& run_as;
  RootFolder& root;
  ExtensionMirrors& extensions;
  std::function<void()> on_change;
  Clock clock;
  std::function<void(std::string const&)> log;
};

/// The data of a branch, and the server that may write to it.
class Branch {
 public:
  /// Creates the data directory of a new branch with this major version's initdb, without the standard roles yet.
  static void initdb(BranchSurroundings const& surroundings, std::string const& uid, int version);
  /// Creates the data directory of a new branch as a copy of this one's. Returns the LSN of the moment that was copied.
  std::string copy_to(std::string const& uid);

  /// Opens an existing data directory; its server cannot start if its major version is not installed.
  /// @throws DataPlaneError if it does not exist
  Branch(BranchSurroundings const& surroundings, std::string const& uid);

  std::string const& uid() const noexcept { return uid_; }
  /// Major version of PostgreSQL.
  int version() const noexcept { return installation_.version; }
  /// The compute that may write.
  ComputeSlot const& primary() const noexcept { return primary_; }

  /// A compute that serves a copy of the branch's data read-only, and replicates the primary's changes while both run.
  std::shared_ptr<Compute> make_standby(std::string const& endpoint_uid);

  void create_standard_roles();
  /// The size of all databases by their files, without starting a server.
  std::optional<std::int64_t> logical_size() const;
  /// Stops the server and removes the files.
  void remove();

 private:
  ServerPlaces places(std::filesystem::path const& data, std::string const& log_name) const;
  std::filesystem::path data() const { return surroundings_.root.branch(uid_) / "data"; }

  BranchSurroundings surroundings_;
  std::string uid_;
  PostgresInstallation installation_;
  ComputeSlot primary_;
  mutable std::mutex size_mutex_;
  mutable std::optional<std::int64_t> size_;
  mutable std::chrono::steady_clock::time_point size_measured_{};
};

}  // namespace lakebase::emulator
