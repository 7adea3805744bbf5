#include "data_plane/history/recovery_layout_posix.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "common/computes.hpp"
#include "data_plane/folders/account_work_posix.hpp"
#include "data_plane/folders/data_folder_posix.hpp"
#include "data_plane/folders/file_copy_posix.hpp"
#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view start_of_label = "START WAL LOCATION: ";

/// Where the recovery of the copy of a running server begins.
std::uint64_t start_in(std::string_view label) {
  auto const at = label.find(start_of_label);
  if (at != std::string_view::npos) {
    label.remove_prefix(at + start_of_label.size());
    if (auto const lsn = parse_lsn(label.substr(0, label.find_first_of(" \n")))) return *lsn;
  }
  throw DataPlaneError("the label of a copy does not tell where its recovery begins");
}

/// Tells PostgreSQL to recover from a checkpoint although the server was shut down then. Of this method, it does not
/// look for the record that ends a backup.
std::string label_of_resting(ControlFile const& control, std::string const& segment) {
  return fmt::format(
      "{}{} (file {})\nCHECKPOINT LOCATION: {}\nBACKUP METHOD: pg_rewind\nBACKUP FROM: primary\n"
      "START TIME: 2000-01-01 00:00:00 UTC\nLABEL: lakebase\nSTART TIMELINE: {}\n",
      start_of_label, control.redo_lsn(), segment, control.redo_lsn(), control.timeline);
}

/// Ends the log in the middle of a segment: what is behind the position becomes zeros.
void cut(fs::path const& segment, std::uint64_t size, std::uint64_t segment_size) {
  UniqueFd const file{::open(segment.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC)};
  if (!file || ::ftruncate(file.get(), static_cast<off_t>(size)) != 0 ||
      ::ftruncate(file.get(), static_cast<off_t>(segment_size)) != 0) {
    throw std::system_error(errno, std::generic_category(), segment.string());
  }
}

void copy_log(WalLog const& log, std::uint64_t start, std::uint64_t end, fs::path const& to) {
  auto const size = log.segment_size();
  for (auto begin = start / size * size; begin < end; begin += size) {
    auto const segment = log.segment_at(begin);
    if (!segment) {
      throw DataPlaneError(
          fmt::format("the write-ahead log file {} of that time is not there any more", log.segment_name(begin)));
    }
    // Of a timeline that ends behind the position, another one's file may have the beginning.
    auto const timeline = log.timeline_before(std::min(end, begin + size));
    auto const name = ControlFile{.redo = begin, .timeline = timeline}.redo_segment(size);
    copy_data_file(*segment, to / name);
    if (end < begin + size) cut(to / name, end - begin, size);
  }
}

}  // namespace

ControlFile control_file_of(fs::path const& data, RunAs const& account) {
  auto const control = ControlFile::parse(DataFolder{data, account}.read(DataFile::control));
  if (!control) throw DataPlaneError("the control file in " + data.string() + " is not readable");
  return *control;
}

std::optional<std::uint32_t> lay_out_recovery(fs::path const& base, WalLog const& log, std::uint64_t end,
                                              fs::path const& to, RunAs const& account) {
  auto const control = control_file_of(base, account);
  auto label = DataFolder{base, account}.read(DataFile::backup_label);
  std::uint64_t const start = label.empty() ? control.redo : start_in(label);
  auto const last = log.timeline_before(end);
  bool const changes = last != control.timeline;
  // A recovery from an archive begins there by itself, and takes every label for that of a copy that has an end.
  if (label.empty() && !changes) label = label_of_resting(control, control.redo_segment(log.segment_size()));
  work_as(account, [&] {
    copy_data_tree(base, to, [](std::string_view relative) {
      return !relative.starts_with("pg_wal/") || relative == "pg_wal/archive_status" || relative.ends_with(".history");
    });
    copy_log(log, start, end, to / "pg_wal");
    auto const history = fmt::format("{:08X}.history", last);
    if (changes) copy_data_file(log.folder() / history, to / "pg_wal" / history);
  });
  DataFolder const folder{to, account};
  if (!label.empty()) folder.write(DataFile::backup_label, label);
  if (changes) folder.write(DataFile::recovery_signal, {});
  return changes ? std::optional{last} : std::nullopt;
}

}  // namespace lakebase::emulator
