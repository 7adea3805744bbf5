#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {

/// A file as it is when it is opened: what is appended later is not read.
class OpenedFile {
 public:
  /// @throws SyncError if it cannot be opened, or is no regular file
  explicit OpenedFile(std::filesystem::path const& path);

  std::uint64_t size() const { return size_; }
  /// Another text for another file.
  std::string const& identity() const { return identity_; }
  /// Another text once the file may hold something else.
  std::string const& mark() const { return mark_; }
  /// Less than `size` only at the end of the file. @throws SyncError
  std::string read(std::uint64_t offset, std::size_t size) const;

 private:
  std::string name_;
  UniqueFd fd_;
  std::uint64_t size_ = 0;
  std::string identity_;
  std::string mark_;
};

/// The records of a file: its lines, or several lines where a newline stands between quotes.
class FileRecords {
 public:
  /// @param offset where the first record begins, in line `line`
  FileRecords(OpenedFile const& file, bool has_quotes, std::uint64_t offset = 0, std::uint64_t line = 1)
      : file_(file), has_quotes_(has_quotes), offset_(offset), line_(line), next_line_(line), read_to_(offset) {}

  /// The next one, without its end; valid until the next call. False: there is none.
  /// @throws SyncError, also for a quote that is not closed, or a record that is too long
  bool next(std::string_view& record);
  /// Whether the last one ended with a newline.
  bool is_complete() const { return complete_; }
  /// The line in which it begins, the first being 1.
  std::uint64_t line() const { return line_; }
  /// Where the one after it begins, and in which line.
  std::uint64_t offset() const { return offset_; }
  std::uint64_t next_line() const { return next_line_; }

 private:
  bool fill();
  std::size_t end_of_record();

  OpenedFile const& file_;
  bool const has_quotes_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::uint64_t offset_;
  std::uint64_t line_;
  std::uint64_t next_line_;
  std::uint64_t read_to_;
  bool complete_ = true;
};

}  // namespace lakebase::emulator
