#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/computes.hpp"
#include "common/time.hpp"
#include "common/timekeeper.hpp"
#include "data_plane/folders/image_store.hpp"
#include "data_plane/folders/root_folder_posix.hpp"
#include "data_plane/history/wal_log_posix.hpp"
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
  Timekeeper const& time;
  std::function<void(std::string const&)> log;
};

/// The data of a branch with their past, and the server that may write to it. Until the server's first start the data
/// are an image's.
class Branch {
 public:
  /// Makes a new branch of this major version, with the standard roles and what the statements make in the database
  /// `postgres`. It takes a template if one has been made by the same statements; else a server runs for a moment. To
  /// be called by one thread at a time, so that the next finds the template.
  static void create(BranchSurroundings const& surroundings, std::string const& uid, int version,
                     std::vector<std::string> const& statements);
  /// An image of the branch.
  struct Copy {
    ImageStore::Hold image;
    CopiedMoment moment;
  };
  /// An image of what the branch has now, or had at a moment. @throws DataPlaneError with 22023 if it never had that
  /// @param horizon where the restore window begins, on the machine's clock; of a time the caller knows that it is
  /// inside
  Copy copy(std::optional<Moment> const& moment, TimePoint horizon);
  /// Puts an image in the place of the data, and ends the sessions. The history begins anew.
  void replace_data(ImageStore::Hold const& image);

  /// Makes a new base of the history once that has become long, and gives back what is older than the window.
  /// @param horizon where that begins, on the machine's clock
  void look_after_history(TimePoint horizon);
  /// Bytes that the history took when it was last looked after.
  std::int64_t history_size() const noexcept { return history_size_; }

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

  /// A standby that can take the primary's place.
  struct Member {
    int number = 0;
    std::string name;  ///< By which the primary knows it, and of its processes.
    std::shared_ptr<Compute> compute;
    std::shared_ptr<std::atomic<bool>> follows;  ///< Until it is the primary.
  };
  /// @param number nobody had it before, in this run
  Member make_member(int number);
  /// From its next start or reload on, the primary confirms a commit when one of these has it.
  void set_synchronous(std::vector<std::string> names);
  /// Makes the primary of a member that was promoted, also for the next run. Returns the former one, which does not run
  /// any more.
  std::shared_ptr<Compute> install(Member const& member);
  /// Keeps what the history needs of former primaries, which were closed, and removes the rest of their data.
  void finish_install();
  /// Has this called after each start, stop and death of the primary and of members; it must return at once. Returns
  /// when no call of the former one is under way.
  void watch(std::function<void()> watcher);

  /// Runs statements one by one as the superuser. Names without a schema are PostgreSQL's own, or the schema public's.
  Rows execute(std::string const& database, std::vector<std::string> const& statements);
  /// The size of all databases by their files, without starting a server.
  std::optional<std::int64_t> logical_size() const;
  /// Bytes of its image that the image of another branch does not have; none if one of them has data of its own.
  std::optional<std::int64_t> size_beyond(Branch const& former) const;
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

  /// PostgreSQL truncates longer names, and shows this one in its processes' titles.
  static std::string cluster_name(std::string const& uid) { return uid.substr(0, 60); }
  /// What the computes of the branch need of it.
  struct Group {
    std::mutex mutex;
    std::vector<std::string> synchronous;
    std::mutex watching;  ///< The watcher may take locks of its own.
    std::function<void()> watcher;
  };

  ServerPlaces places(std::filesystem::path const& data, std::string const& log_name) const;
  std::shared_ptr<Compute> make_compute(std::string name, std::string cluster_name, ServerPlaces where,
                                        std::shared_ptr<std::atomic<bool>> follows);
  std::filesystem::path own_data() const { return surroundings_.images.branch_data(uid_); }
  /// Calls the function with the folder where the data are now.
  template <class Read>
  void with_data(Read const& read) const;
  std::pair<ImageStore::Hold, std::string> image_of_now();
  struct Past;
  template <class Fits>
  Past past_from(Fits const& fits) const;
  template <class Target>
  WalLog::Place find(Past& past, Target target) const;
  Copy copy_of_time(TimePoint time);
  Copy copy_of_position(std::uint64_t lsn, TimePoint horizon);
  Copy recovered(Past& past, std::uint64_t lsn, CopiedMoment reached);
  std::string recover(std::filesystem::path const& data, std::optional<std::uint32_t> last_timeline) const;
  std::vector<HistoryBase> with_new_base(std::vector<HistoryBase> bases, TimePoint horizon);
  std::int64_t image_size(std::string const& id);

  BranchSurroundings surroundings_;
  std::string uid_;
  PostgresInstallation installation_;
  std::shared_ptr<Group> group_ = std::make_shared<Group>();
  ComputeSlot primary_{nullptr};
  std::mutex image_mutex_;
  std::optional<EqualImage> image_;  ///< Does not keep it: further branches share it as long as others need it.
  std::mutex history_mutex_;         ///< While it is locked, nothing of the history goes.
  bool removed_ = false;
  std::uint64_t trimmed_ = 0;  ///< The log in front of it was given back.
  std::map<std::string, std::int64_t> image_sizes_;
  std::atomic<std::int64_t> history_size_{0};
  mutable std::mutex size_mutex_;
  mutable std::optional<std::int64_t> size_;
  mutable std::chrono::steady_clock::time_point size_measured_{};
};

}  // namespace lakebase::emulator
