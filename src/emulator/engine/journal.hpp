#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "system/private_file_posix.hpp"

namespace lakebase::emulator {

/// A document and the changes since, in one file, so that a change costs by its own length and not by the document's.
///
/// The file is text, in lines:
///
///     {"format":2,"state":{…}}                     the snapshot: the document as of some moment, a line of JSON
///     9f86d081884c7d65 [{"at":[…],"set":{…}}]      one line for each change since
///
/// A change is preceded by the first eight bytes of its SHA-256 in hexadecimal digits, and a space. It is on the disk
/// (`fsync`) before `append` returns. If the machine stops meanwhile, the last line may be torn; it was acknowledged to
/// nobody, and `read` cuts it off. A damaged line that is followed by a whole one is no torn tail, and `read` refuses
/// the file.
///
/// A new snapshot is written into a file of its own, synced, and renamed over the old file with all its changes:
/// whenever the machine stops, there is one of the two, and both hold the same state. `is_long` tells when one is due,
/// so that the file stays within a multiple of the document's size.
///
/// A file whose first line alone is not JSON is one document in many lines, as earlier emulators wrote it: a snapshot
/// without changes. What the document and the changes mean is up to the caller.
///
/// Not thread-safe.
class Journal {
 public:
  /// @param is_temporary nobody will read the file after the end of the process, however it ends: it need not be
  /// synced, which takes time
  Journal(std::filesystem::path file, bool is_temporary, WriteStep step)
      : file_(std::move(file)), is_temporary_(is_temporary), step_(std::move(step)) {}

  struct Contents {
    /// Empty: there is no file.
    std::string snapshot;
    std::vector<std::string> changes;
    /// How many bytes of a torn last line were cut off.
    std::size_t torn = 0;
  };
  /// @throws std::runtime_error if the file is damaged, empty or not ours
  [[nodiscard]] Contents read();

  /// Whether there must be a new snapshot before the next change: there is no file, it is of an earlier emulator, or
  /// its end is in doubt after a failed write.
  [[nodiscard]] bool needs_snapshot() const { return needs_snapshot_; }
  void require_snapshot() { needs_snapshot_ = true; }
  /// Whether the changes have outgrown the snapshot, so that a new one is worth its cost.
  [[nodiscard]] bool is_long() const { return size_ > next_snapshot_; }
  /// Whether there is any change since the snapshot.
  [[nodiscard]] bool has_changes() const { return size_ > snapshot_size_; }

  /// Adds a change, a line of text. If that fails, the file is as it was. Not while a snapshot is needed.
  void append(std::string_view change);
  /// Replaces everything by a snapshot, a line of JSON. If that fails, the file is either the old or the new one.
  void replace(std::string_view snapshot);

 private:
  void sync(PrivateFileEnd& end) const;
  void set_snapshot_size(std::uintmax_t size);

  std::filesystem::path const file_;
  bool const is_temporary_;
  WriteStep const step_;
  bool needs_snapshot_ = true;
  std::uintmax_t size_ = 0;
  std::uintmax_t snapshot_size_ = 0;
  std::uintmax_t next_snapshot_ = 0;
};

}  // namespace lakebase::emulator
