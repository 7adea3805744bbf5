#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "system/private_file_posix.hpp"

namespace lakebase::emulator {

/// A document and the changes since, in one file, so that a change costs what it is long and not what the document is.
///
/// The file is text, in lines:
///
///     {"format":2,"state":{…}}                     the snapshot: the document as of some moment, a line of JSON
///     9f86d081884c7d65 [{"at":[…],"set":{…}}]      one line for each change since
///
/// A change is preceded by the first eight bytes of its SHA-256 in hexadecimal digits, and a space. It is on the disk
/// (`fsync`) before `append` returns. A machine that stops meanwhile leaves a last line that is not whole, which was
/// acknowledged to nobody: `read` cuts it off. A line that is damaged in front of one that is not is no torn tail, and
/// the file is refused.
///
/// A new snapshot is written into a file of its own, brought onto the disk, and renamed over the old one with all its
/// changes: whenever the machine stops there is the one or the other, and both say the same. `is_long` tells when one
/// is due, so that the file stays within a multiple of the document.
///
/// A file whose first line is no JSON by itself is one document in many lines, as earlier emulators wrote it: a
/// snapshot without changes. What the documents and the changes mean is the caller's.
///
/// Not for more than one thread at a time.
class Journal {
 public:
  /// @param is_temporary nobody will read the file after the end of the process, whatever ends it: it need not be on
  ///                     the disk, which takes time
  Journal(std::filesystem::path file, bool is_temporary, WriteStep step)
      : file_(std::move(file)), is_temporary_(is_temporary), step_(std::move(step)) {}

  struct Contents {
    /// Empty: there is no file.
    std::string snapshot;
    std::vector<std::string> changes;
    /// How many bytes of a torn tail were cut off.
    std::size_t torn = 0;
  };
  /// @throws std::runtime_error if the file is damaged or not ours
  [[nodiscard]] Contents read();

  /// Whether there must be a new snapshot before the next change: there is no file, one of an earlier emulator, or one
  /// whose end is in doubt since a write failed.
  [[nodiscard]] bool needs_snapshot() const { return needs_snapshot_; }
  void require_snapshot() { needs_snapshot_ = true; }
  /// Whether the changes have outgrown the snapshot, so that a new one is worth its while.
  [[nodiscard]] bool is_long() const { return size_ > next_snapshot_; }
  /// Whether there is any change since the snapshot.
  [[nodiscard]] bool has_changes() const { return size_ > snapshot_size_; }

  /// Adds a change, a line of text. Where that fails, the file is as it was. Not while a snapshot is needed.
  void append(std::string_view change);
  /// Replaces everything by a snapshot, a line of JSON. Where that fails, the file holds the one or the other.
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
