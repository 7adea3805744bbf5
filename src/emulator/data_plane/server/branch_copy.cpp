#include "data_plane/server/branch_copy.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <tuple>

#include "common/computes.hpp"
#include "data_plane/folders/account_work_posix.hpp"
#include "data_plane/folders/data_folder_posix.hpp"
#include "data_plane/folders/file_copy_posix.hpp"

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

bool is_segment(std::string const& name) {
  return name.size() == 24 && name.find_first_not_of("0123456789ABCDEF") == std::string::npos;
}

void copy_segments(fs::path const& from, fs::path const& to, std::string const& first, std::string const& last) {
  bool complete = false;
  for (fs::directory_entry const& entry : fs::directory_iterator{from / "pg_wal"}) {
    std::string const name = entry.path().filename().string();
    bool needed = name.ends_with(".history") || (is_segment(name) && name >= first && name <= last);
    if (needed) copy_data_file(entry.path(), to / "pg_wal" / name);
    complete = complete || name == last;
  }
  if (!complete) throw DataPlaneError("the copy lacks the write-ahead log file " + last);
}

/// All segments of a data directory have one size, which initdb has set.
std::uint64_t segment_size(fs::path const& data) {
  for (fs::directory_entry const& entry : fs::directory_iterator{data / "pg_wal"}) {
    auto const size = is_segment(entry.path().filename().string()) ? entry.file_size() : 0;
    if (size > 0) return size;
  }
  throw DataPlaneError("there is no write-ahead log in " + data.string());
}

/// The segment after this one, into which the last checkpoint's record may extend; the same one if it is the last.
std::string segment_after(fs::path const& data, std::string const& segment) {
  std::string next;
  for (fs::directory_entry const& entry : fs::directory_iterator{data / "pg_wal"}) {
    std::string const name = entry.path().filename().string();
    if (is_segment(name) && name > segment && (next.empty() || name < next)) next = name;
  }
  return next.empty() ? segment : next;
}

struct BackupCalls {
  char const* start;
  char const* stop;
};

BackupCalls backup_calls(int version) {
  if (version >= 15) return {"pg_backup_start('lakebase', true)", "pg_backup_stop(false)"};
  return {"pg_start_backup('lakebase', true, false)", "pg_stop_backup(false, false)"};
}

}  // namespace

std::string copy_running_data(SqlSession& session, int version, fs::path const& from, fs::path const& to,
                              RunAs const& owner) {
  BackupCalls const calls = backup_calls(version);
  // A slot prevents the log files from being recycled while we copy; it ends with the session.
  session.query("SELECT pg_create_physical_replication_slot('copy_' || pg_backend_pid(), true, true)");
  auto start = session.query(std::string{"SELECT pg_walfile_name(lsn) FROM "} + calls.start + " AS lsn");
  work_as(owner, [&] { copy_all_but_wal(from, to); });
  auto stop = session.query(std::string{"SELECT pg_walfile_name(lsn), labelfile, spcmapfile, lsn FROM "} + calls.stop);
  auto const& [last, label, tablespaces] = std::tie(stop.at(0).at(0), stop.at(0).at(1), stop.at(0).at(2));
  work_as(owner, [&, &last = last] { copy_segments(from, to, start.at(0).at(0), last); });
  DataFolder const copy{to, owner};
  if (!tablespaces.empty()) copy.write(DataFile::tablespace_map, tablespaces);
  copy.write(DataFile::backup_label, label);
  return stop.at(0).at(3);
}

std::string copy_resting_data(fs::path const& from, fs::path const& to, ControlFile const& control,
                              RunAs const& owner) {
  work_as(owner, [&] {
    std::string const wal_file = control.redo_segment(segment_size(from));
    copy_all_but_wal(from, to);
    copy_segments(from, to, wal_file, segment_after(from, wal_file));
  });
  return control.redo_lsn();
}

}  // namespace lakebase::emulator
