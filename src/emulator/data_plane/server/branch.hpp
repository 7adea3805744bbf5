#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/time.hpp"
#include "data_plane/folders/image_store.hpp"
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
  ImageStore& images;
  ExtensionMirrors& extensions;
  std::function<void()> on_change;
  Clock clock;
  std::function<void(std::string const&)> log;
};

/// The data of a branch, and the server that may write to it. Until the server's first start the data are an image's.
class Branch {
 public:
  /// Makes a new branch of this major version, with the standard roles and what the statements make in the database
  /// `postgres`. It takes a template if one has been made by the same statements; else a server runs for a moment. To
  /// be called by one thread at a time, so that the next finds the template.
  static void create(BranchSurroundings const& surroundings, std::string const& uid, int version,
                     std::vector<std::string> const& statements);
  /// Makes a new branch with the data that this one has now. Returns the LSN of that moment.
  std::string copy_to(std::string const& uid);

  /// Opens an existing branch; its server cannot start if its major version is not installed.
  /// @throws DataPlaneError if it does not exist
  Branch(BranchSurroundings const& surroundings, std::string const& uid);

  std::string const& uid() const noexcept { return uid_; }
  /// Major version of PostgreSQL.
  int version() const noexcept { return installation_.version; }
  /// The compute that may write.
  ComputeSlot const& primary() const noexcept { return primary_; }

  /// A compute that serves a copy of the branch's data read-only, and replicates the primary's changes while both run.
  std::shared_ptr<Compute> make_standby(std::string const& endpoint_uid);

  /// Runs statements one by one as the superuser. Names without a schema are PostgreSQL's own, or the schema public's.
  Rows execute(std::string const& database, std::vector<std::string> const& statements);
  /// The size of all databases by their files, without starting a server.
  std::optional<std::int64_t> logical_size() const;
  /// Stops the server and removes the files.
  void remove();
  /// Removes the files of a branch that cannot be opened.
  static void remove_files(BranchSurroundings const& surroundings, std::string const& uid);

 private:
  /// An image that the branch has been equal to.
  struct EqualImage {
    std::string id;
    DataState state;  ///< Of the branch's data, at that time.
  };

  ServerPlaces places(std::filesystem::path const& data, std::string const& log_name) const;
  std::filesystem::path own_data() const { return surroundings_.root.branch(uid_) / "data"; }
  /// Calls the function with the folder where the data are now.
  template <class Read>
  void with_data(Read const& read) const;
  std::pair<ImageStore::Hold, std::string> image_of_now();

  BranchSurroundings surroundings_;
  std::string uid_;
  PostgresInstallation installation_;
  ComputeSlot primary_;
  std::mutex image_mutex_;
  std::optional<EqualImage> image_;  ///< Does not keep it: further branches share it as long as others need it.
  mutable std::mutex size_mutex_;
  mutable std::optional<std::int64_t> size_;
  mutable std::chrono::steady_clock::time_point size_measured_{};
};

}  // namespace lakebase::emulator
