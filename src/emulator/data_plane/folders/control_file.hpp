#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lakebase::emulator {

/// Whether a file of `pg_wal` has the name of a segment of the log.
bool is_wal_segment(std::string_view name);

/// What a copy needs of a data directory's `global/pg_control`.
struct ControlFile {
  bool shut_down = false;      ///< By a clean shutdown, and not as a standby.
  std::uint64_t redo = 0;      ///< The position in the write-ahead log at which a recovery would begin.
  std::uint32_t timeline = 0;  ///< The timeline of the last checkpoint.
  /// It is a copy of a running server's, and has not been recovered to its end, where it becomes consistent.
  bool is_unfinished_copy = false;

  /// Reads the bytes of the file. None if it is too short, or of an unknown format.
  static std::optional<ControlFile> parse(std::string_view bytes);

  /// The name of the log file that holds `redo`, if all log files have this size.
  [[nodiscard]] std::string redo_segment(std::uint64_t segment_size) const;
  /// `redo` as PostgreSQL writes it, e.g. 0/1A2B3C.
  [[nodiscard]] std::string redo_lsn() const;
};

}  // namespace lakebase::emulator
