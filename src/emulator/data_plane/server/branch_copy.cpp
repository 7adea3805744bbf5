#include "data_plane/server/branch_copy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>

#include "common/computes.hpp"
#include "common/sql_quoting.hpp"
#include "data_plane/folders/account_work_posix.hpp"
#include "data_plane/folders/data_folder_posix.hpp"
#include "data_plane/folders/file_copy_posix.hpp"
#include "data_plane/history/wal_log_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

/// Folders that are empty in a copy, because their contents belong to the running server; as with PostgreSQL's own
/// pg_basebackup.
constexpr std::array emptied_folders = {"pg_dynshmem",  "pg_notify",   "pg_replslot", "pg_serial",
                                        "pg_snapshots", "pg_stat_tmp", "pg_subtrans", "pg_wal"};

constexpr std::array left_out = {"postmaster.pid", "postmaster.opts", "backup_label",   "backup_label.old",
                                 "tablespace_map", "standby.signal",  "recovery.signal"};

template <class Names>
bool contains(Names const& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool belongs_into_copy(std::string_view relative) {
  auto const slash = relative.rfind('/');
  if (slash == std::string_view::npos) return !contains(left_out, relative) && !relative.ends_with(unfinished_suffix);
  if (contains(emptied_folders, relative.substr(0, relative.find('/')))) return false;
  // The control file is copied last, because it tells the state of the others.
  std::string_view const name = relative.substr(slash + 1);
  return relative != name_of(DataFile::control) && !name.starts_with("pgsql_tmp") &&
         !name.starts_with("pg_internal.init");
}

void copy_all_but_wal(fs::path const& from, fs::path const& to) {
  copy_data_tree(from, to, belongs_into_copy);
  copy_data_file(from / name_of(DataFile::control), to / name_of(DataFile::control));
  fs::create_directory(to / "pg_wal" / "archive_status");
}

void copy_segments(fs::path const& from, fs::path const& to, std::string const& first, std::string const& last) {
  bool complete = false;
  for (fs::directory_entry const& entry : fs::directory_iterator{from / "pg_wal"}) {
    std::string const name = entry.path().filename().string();
    bool needed = name.ends_with(".history") || (is_wal_segment(name) && name >= first && name <= last);
    if (needed) copy_data_file(entry.path(), to / "pg_wal" / name);
    complete = complete || name == last;
  }
  if (!complete) throw DataPlaneError("the copy lacks the write-ahead log file " + last);
}

/// All segments of a data directory have one size, which initdb has set.
std::uint64_t segment_size(fs::path const& data) {
  for (fs::directory_entry const& entry : fs::directory_iterator{data / "pg_wal"}) {
    auto const size = is_wal_segment(entry.path().filename().string()) ? entry.file_size() : 0;
    if (size > 0) return size;
  }
  throw DataPlaneError("there is no write-ahead log in " + data.string());
}

/// The segments that a start after a clean shutdown needs: of the shutdown's record, which may extend into a second
/// one.
struct NeededSegments {
  NeededSegments(fs::path const& data, ControlFile const& control) {
    constexpr std::uint64_t longest_record = 1024;
    std::uint64_t const size = segment_size(data);
    ControlFile end = control;
    end.redo += longest_record;
    first = control.redo_segment(size);
    last = end.redo_segment(size);
    if (!fs::exists(fs::symlink_status(data / "pg_wal" / last))) last = first;
  }
  std::string first;
  std::string last;
};

struct BackupCalls {
  char const* start;
  char const* stop;
};

BackupCalls backup_calls(int version) {
  if (version >= 15) return {"pg_backup_start('lakebase', true)", "pg_backup_stop(false)"};
  return {"pg_start_backup('lakebase', true, false)", "pg_stop_backup(false, false)"};
}

/// After its end, a backup begins a new segment. If the server's log is there still, it has written nothing after the
/// last that the copy holds. (A segment begins with a header of 40 bytes.)
constexpr std::string_view state_after_backup =
    "SELECT now, file_name, file_offset <= 40 AND now - {}::pg_lsn < "
    "pg_size_bytes(current_setting('wal_segment_size')) "
    "FROM pg_current_wal_insert_lsn() AS now, pg_walfile_name_offset(now)";

/// What to do if a file of a branch could not be copied.
std::string copy_advice(std::error_code const& error, RunAs const& run_as) {
  if (error == std::errc::permission_denied || error == std::errc::operation_not_permitted) {
    return fmt::format(
        "; all below the data folder must belong to the account {} and be open to it, as PostgreSQL made "
        "it: change that, or remove what is not PostgreSQL's",
        account_name(run_as.uid));
  }
  return error == std::errc::no_space_on_device ? "; make room on the disk, and try again" : "";
}

}  // namespace

void while_copying(std::string const& uid, RunAs const& run_as, std::function<void()> const& copy) try {
  copy();
} catch (DataPlaneError const& error) {
  throw DataPlaneError(fmt::format("cannot copy the branch {}: {}", uid, error.what()), error.sqlstate());
} catch (std::system_error const& error) {
  throw DataPlaneError(
      fmt::format("cannot copy the branch {}: {}{}", uid, error.what(), copy_advice(error.code(), run_as)));
}

DataState state_of_running_data(SqlSession& session) {
  auto const now = session.query("SELECT now, pg_walfile_name(now) FROM pg_current_wal_insert_lsn() AS now").at(0);
  return {.lsn = now.at(0), .log_file = now.at(1)};
}

DataState state_of_resting_data(ControlFile const& control) {
  // Any size will do.
  return {.lsn = control.redo_lsn(), .log_file = control.redo_segment(std::uint64_t{1} << 20), .shut_down = true};
}

DataCopy copy_running_data(SqlSession& session, int version, fs::path const& from, fs::path const& to,
                           RunAs const& owner) {
  BackupCalls const calls = backup_calls(version);
  // A slot prevents the log files from being recycled while we copy; it ends with the session.
  session.query("SELECT pg_create_physical_replication_slot('copy_' || pg_backend_pid(), true, true)");
  auto start = session.query(std::string{"SELECT pg_walfile_name(lsn) FROM "} + calls.start + " AS lsn");
  work_as(owner, [&] { copy_all_but_wal(from, to); });
  auto stop = session.query(std::string{"SELECT pg_walfile_name(lsn), labelfile, spcmapfile, lsn FROM "} + calls.stop);
  auto const& [last, label, tablespaces] = std::tie(stop.at(0).at(0), stop.at(0).at(1), stop.at(0).at(2));
  auto const after = session.query(fmt::format(state_after_backup, quote_literal(stop.at(0).at(3)))).at(0);
  work_as(owner, [&, &last = last] { copy_segments(from, to, start.at(0).at(0), last); });
  DataFolder const copy{to, owner};
  if (!tablespaces.empty()) copy.write(DataFile::tablespace_map, tablespaces);
  copy.write(DataFile::backup_label, label);
  DataCopy made{.lsn = stop.at(0).at(3), .state = {}};
  if (after.at(2) == "t") made.state = DataState{.lsn = after.at(0), .log_file = after.at(1)};
  return made;
}

DataCopy copy_resting_data(fs::path const& from, fs::path const& to, ControlFile const& control, RunAs const& owner) {
  work_as(owner, [&] {
    NeededSegments const needed{from, control};
    copy_all_but_wal(from, to);
    copy_segments(from, to, needed.first, needed.last);
  });
  return {.lsn = control.redo_lsn(), .state = state_of_resting_data(control)};
}

void tidy_resting_data(fs::path const& data, ControlFile const& control, RunAs const& owner) {
  work_as(owner, [&] {
    NeededSegments const needed{data, control};
    for (fs::directory_entry const& entry : fs::directory_iterator{data / "pg_wal"}) {
      std::string const name = entry.path().filename().string();
      if (is_wal_segment(name) && (name < needed.first || name > needed.last)) fs::remove(entry.path());
    }
    // Slots belong to the branch that the data were.
    for (fs::directory_entry const& slot : fs::directory_iterator{data / "pg_replslot"}) fs::remove_all(slot.path());
    for (DataFile const file : {DataFile::backup_label, DataFile::used_backup_label}) fs::remove(data / name_of(file));
  });
}

void trim_resting_log(fs::path const& data, ControlFile const& control, std::uint64_t lsn, RunAs const& owner) {
  work_as(owner, [&] {
    auto const size = segment_size(data);
    auto const needed = std::min(control.redo, lsn) / size * size;
    for (fs::directory_entry const& entry : fs::directory_iterator{data / "pg_wal"}) {
      std::string const name = entry.path().filename().string();
      if (is_wal_segment(name) && wal_segment_begin(name, size) < needed) fs::remove(entry.path());
    }
  });
}

void move_resting_data(fs::path const& from, fs::path const& to, ControlFile const& control, RunAs const& owner) {
  work_as(owner, [&] { fs::rename(from, to); });
  tidy_resting_data(to, control, owner);
}

}  // namespace lakebase::emulator
