#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/time.hpp"
#include "data_plane/folders/control_file.hpp"

namespace lakebase::emulator {

/// Where the segment of that name begins.
std::uint64_t wal_segment_begin(std::string_view name, std::uint64_t segment_size);

/// A write-ahead log on the disk, from a timeline on to the last that came of it, in one or several folders, of which
/// the first that has a segment counts. To be used with the rights of the account that owns the files. Reads what
/// PostgreSQL 15 to 18 write.
class WalLog {
 public:
  /// @param timeline the first; what followed is told by the first folder
  /// @throws DataPlaneError if the first folder has no segment
  WalLog(std::vector<std::filesystem::path> folders, std::uint32_t timeline);

  std::uint64_t segment_size() const noexcept { return segment_size_; }
  std::filesystem::path const& folder() const noexcept { return folders_.front(); }
  /// Where the first segment of the first folder begins, and the last one ends.
  std::uint64_t begin() const noexcept { return begin_; }
  std::uint64_t end() const noexcept { return end_; }
  std::string segment_name(std::uint64_t lsn) const;
  /// The timeline of what is in front of a position.
  std::uint32_t timeline_before(std::uint64_t lsn) const;
  /// The file that holds a position; none: no folder has it.
  std::optional<std::filesystem::path> segment_at(std::uint64_t lsn) const;

  /// Where a moment lies.
  struct Place {
    std::uint64_t lsn = 0;  ///< What is before it belongs to the moment.
    /// When the last transaction before it committed; none: no transaction has since the position where the search
    /// began.
    std::optional<TimePoint> committed;
    bool found = false;  ///< False: the log ends before, at `lsn`.
  };
  /// Finds the first commit that is later than this time, on the machine's clock. @param from where a record begins
  Place find(std::uint64_t from, TimePoint time);
  /// Finds the first record at or behind this position.
  Place find(std::uint64_t from, std::uint64_t lsn);
  /// Whether a segment behind that of the position holds something.
  bool goes_on_behind(std::uint64_t lsn);

 private:
  struct Record {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint8_t kind = 0;
    std::uint8_t manager = 0;
    std::optional<TimePoint> committed;
  };
  struct Cursor {
    std::uint64_t at;
    std::optional<std::uint64_t> previous;
  };

  /// Where a timeline begins: what is in front of it is another's.
  struct Timeline {
    std::uint32_t number;
    std::uint64_t begin;
  };

  void read_timelines();
  template <class Stops>
  Place walk(std::uint64_t from, Stops const& stops);
  std::optional<Record> next(Cursor& cursor);
  std::string_view page(std::uint64_t lsn);
  void load(std::uint64_t segment);
  std::uint64_t behind_header(std::uint64_t lsn);

  std::vector<std::filesystem::path> folders_;
  std::vector<Timeline> timelines_;  ///< The oldest first.
  std::uint64_t segment_size_ = 0;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  std::optional<std::uint64_t> loaded_;
  std::string segment_;
};

}  // namespace lakebase::emulator
