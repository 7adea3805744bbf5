#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/time.hpp"
#include "data_plane/folders/history_base.hpp"
#include "data_plane/folders/root_folder_posix.hpp"
#include "system/run_as_posix.hpp"

namespace lakebase::emulator {

/// The images: complete data directories that never change, and that no server runs on. A branch that has not run since
/// it was made has no data of its own, but refers to an image by a file in its folder; several may refer to one. The
/// first start copies the image, which becomes what the past of the branch is recovered from. An image goes with the
/// last reference, unless it is a template, from which further branches are made. Thread-safe.
class ImageStore {
 public:
  using Log = std::function<void(std::string const&)>;
  ImageStore(RootFolder const& root, RunAs const& run_as, Log log)
      : root_(root), run_as_(run_as), log_(std::move(log)) {}
  ImageStore(ImageStore const&) = delete;
  ImageStore& operator=(ImageStore const&) = delete;

  /// Finds what an earlier run has left, and removes the images that nothing refers to. To be called once, after
  /// `RootFolder::open`.
  void open();

  /// While it lives, the image stays where it is.
  class Hold {
   public:
    Hold(Hold&& other) noexcept
        : store_(std::exchange(other.store_, nullptr)), id_(std::move(other.id_)), lsn_(std::move(other.lsn_)) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold() {
      if (store_ != nullptr) store_->release(id_);
    }

    std::string const& id() const noexcept { return id_; }
    std::filesystem::path data() const { return store_->data_of(id_); }
    /// The moment that it holds.
    std::string const& lsn() const noexcept { return lsn_; }

   private:
    friend class ImageStore;
    Hold(ImageStore& store, std::string id, std::string lsn)
        : store_(&store), id_(std::move(id)), lsn_(std::move(lsn)) {}

    ImageStore* store_;
    std::string id_;
    std::string lsn_;
  };

  /// Makes the data directory of this path, and returns the LSN of the moment that it holds.
  using Fill = std::function<std::string(std::filesystem::path const& data)>;
  Hold make(Fill const& fill);
  /// None: it is gone.
  std::optional<Hold> find(std::string const& id);

  /// The image of a branch; none: it has data of its own, or there is no such branch. @throws DataPlaneError if the
  /// image is not there
  std::optional<Hold> of(std::string const& branch_uid);
  /// Makes the folder of a new branch that refers to the image. @throws DataPlaneError if the branch exists
  void make_branch(std::string const& uid, Hold const& image);
  /// Whether the branch refers to one.
  bool refers(std::string const& branch_uid) const;
  /// Gives a branch data of its own, unless it has them; the image becomes the base of its history. To be called before
  /// its server starts, by one thread.
  /// @param now on the machine's clock
  void materialise(std::string const& branch_uid, TimePoint now);
  /// Puts an image in the place of the branch's data, whose server does not run. It has no history then.
  void replace(std::string const& branch_uid, Hold const& image);

  /// From what the past of a branch with own data can be recovered: the oldest first.
  std::vector<HistoryBase> bases(std::string const& branch_uid) const;
  /// Replaces them. To be called while somebody holds the images of new ones.
  void set_bases(std::string const& branch_uid, std::vector<HistoryBase> const& bases);
  /// The folder of the branch's own data, which may not be there yet.
  std::filesystem::path branch_data(std::string const& branch_uid) const;
  /// Where its log is: that of its data, and what was kept of the data that were its own before.
  std::vector<std::filesystem::path> log_folders(std::string const& branch_uid) const;
  /// The folder in which the log of former data is kept.
  std::filesystem::path kept_log(std::string const& branch_uid) const { return root_.branch(branch_uid) / "log"; }
  /// Makes another folder, of this name in that of the branch, its data; also for the next run, which finds one or the
  /// other.
  void switch_data(std::string const& branch_uid, std::string const& folder);
  /// Keeps the log of those that were its data before, and removes the rest of them. No server runs on them.
  void finish_switch(std::string const& branch_uid);

  /// Tells that the folder of the branch is no more.
  void forget(std::string const& branch_uid) noexcept;

  /// The template of this key; none: there is none yet, or it has gone because others were used more recently.
  std::optional<Hold> find_template(std::string const& key);
  void keep_as_template(Hold const& image, std::string const& key);

 private:
  struct Image {
    std::string lsn;
    std::string key;  ///< Not empty: it is a template.
    int users = 0;    ///< References and bases of branches, and holds.
    std::uint64_t last_use = 0;
  };
  using Lock = std::lock_guard<std::mutex>;

  std::filesystem::path data_of(std::string const& id) const { return root_.image(id) / "data"; }
  std::filesystem::path data_of_branch(std::string const& uid) const;
  std::vector<std::string> folders_of(std::string const& branch_uid) const;
  void write_folders(std::string const& branch_uid, std::vector<std::string> const& folders);
  void leave_data(std::string const& branch_uid, std::string const& folder) const;
  void settle_data(std::string const& branch_uid) const;
  bool read_references();
  void read_reference(std::string const& branch_uid);
  void forget_reference(std::string const& branch_uid) noexcept;
  void read_images();
  Hold hold(Lock const&, std::string const& id, Image& image);
  void copy(std::string const& branch_uid, Hold const& image) const;
  void release(std::string const& id) noexcept;
  void remove(std::string const& id) noexcept;
  void write_facts(std::filesystem::path const& folder, std::string const& lsn, std::string const& key) const;
  void limit_templates();

  RootFolder const& root_;
  RunAs const& run_as_;
  Log const log_;
  std::mutex switching_;
  mutable std::mutex mutex_;
  std::map<std::string, Image> images_;
  std::map<std::string, std::string> references_;  ///< From branches to images.
  std::map<std::string, std::vector<HistoryBase>> bases_;
  /// Of branches that a standby has taken over: the names of the folder of their data, and of those before.
  std::map<std::string, std::vector<std::string>> folders_;
  std::uint64_t uses_ = 0;
};

}  // namespace lakebase::emulator
