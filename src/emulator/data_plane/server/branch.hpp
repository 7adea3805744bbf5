#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "data_plane/folders/root_folder_posix.hpp"
#include "data_plane/server/compute.hpp"
#include "data_plane/server/postgres_installation.hpp"

namespace lakebase::emulator {

/// What all branches of a data plane share.
struct BranchSurroundings {
  PostgresInstallations const& installations;
  RunAs const& run_as;
  RootFolder& root;
  std::function<void()> on_change;
  std::function<void(std::string const&)> log;
};

/// The data of a branch, and the server that may write to it.
class Branch {
 public:
  /// Makes the data directory of a new branch with this major version's initdb. It has no roles of its own yet.
  static void initdb(BranchSurroundings const& surroundings, std::string const& uid, int version);
  /// Makes the data directory of a new branch as a copy of this one's. Returns the LSN of the moment that was copied.
  std::string copy_to(std::string const& uid);

  /// Takes a data directory that exists; its server cannot start if its major version was not found.
  /// @throws DataPlaneError where it does not exist
  Branch(BranchSurroundings const& surroundings, std::string const& uid);

  std::string const& uid() const noexcept { return uid_; }
  /// Major version of PostgreSQL.
  int version() const noexcept { return installation_.version; }
  std::shared_ptr<Compute> const& primary() const noexcept { return primary_; }

  /// A compute that reads a copy of the branch's data, and what the primary adds to it while both run.
  std::shared_ptr<Compute> make_standby(std::string const& endpoint_uid);

  void create_standard_roles();
  /// The size of all databases, from the files and so without waking anybody.
  std::optional<std::int64_t> logical_size() const;
  /// Stops the server and removes the files.
  void remove();

 private:
  ServerPlaces places(std::filesystem::path const& data, std::string const& log_name) const;
  std::filesystem::path data() const { return surroundings_.root.branch(uid_) / "data"; }

  BranchSurroundings surroundings_;
  std::string uid_;
  PostgresInstallation installation_;
  std::shared_ptr<Compute> primary_;
  std::filesystem::path primary_sockets_;
  mutable std::mutex size_mutex_;
  mutable std::optional<std::int64_t> size_;
  mutable std::chrono::steady_clock::time_point size_measured_{};
};

}  // namespace lakebase::emulator
