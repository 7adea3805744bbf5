#include "data_plane/folders/data_folder_posix.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include "common/computes.hpp"
#include "data_plane/folders/account_work_posix.hpp"
#include "system/descriptor_io_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

std::string data_failure(fs::path const& path, int error) {
  if (error == EEXIST)
    return fmt::format("{} is in the way of a file that the emulator writes: remove it", path.string());
  if (error == ELOOP || error == ENOTDIR) {
    return fmt::format("{} is a link, or in one: the emulator does not follow it", path.string());
  }
  return fmt::format("{}: {}", path.string(), std::strerror(error));
}

[[noreturn]] void throw_data_error(fs::path const& path) {
  throw DataPlaneError(data_failure(path, errno));
}

/// A name, and its folder, which was reached without following a link below the data directory.
struct Place {
  Place(fs::path const& data, std::string_view file) : path(data / file), name(path.filename().string()) {
    folder = UniqueFd{::open(data.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    fs::path const below = fs::path{file}.parent_path();
    if (folder && !below.empty()) {
      folder = UniqueFd{::openat(folder.get(), below.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    }
    if (!folder && errno != ENOENT) throw_data_error(path);
  }

  /// None: nothing has this name.
  std::optional<struct stat> facts() const {
    struct stat found {};
    if (!folder) return std::nullopt;
    if (::fstatat(folder.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0) return found;
    if (errno != ENOENT) throw_data_error(path);
    return std::nullopt;
  }

  fs::path path;
  std::string name;
  UniqueFd folder;
};

void require_size(std::uintmax_t size, DataFile kind, fs::path const& path) {
  auto const most = largest_size(kind);
  if (size <= most) return;
  throw DataPlaneError(fmt::format(
      "{} is larger than this file can be ({} bytes, at most {}): put back the one that PostgreSQL wrote, or "
      "remove it, or its branch",
      path.string(), size, most));
}

std::string read_place(Place const& place, DataFile kind) {
  if (!place.folder) return {};
  UniqueFd const file{
      ::openat(place.folder.get(), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  if (!file && errno == ENOENT) return {};
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) != 0) throw_data_error(place.path);
  if (!S_ISREG(facts.st_mode)) throw DataPlaneError(fmt::format("{} is not a file", place.path.string()));
  require_size(static_cast<std::uintmax_t>(facts.st_size), kind, place.path);
  std::string text;
  char buffer[8192];
  ssize_t count = 0;
  while ((count = ::read(file.get(), buffer, sizeof buffer)) != 0) {
    if (count > 0) text.append(buffer, static_cast<std::size_t>(count));
    if (count < 0 && errno != EINTR) throw_data_error(place.path);
    require_size(text.size(), kind, place.path);  // It may grow while we read.
  }
  return text;
}

void write_place(Place const& place, std::string_view text) {
  if (!place.folder) throw DataPlaneError(fmt::format("{}: its folder is not there", place.path.string()));
  std::string const next = place.name + std::string{unfinished_suffix};
  fs::path const next_path = place.path.parent_path() / next;
  int const folder = place.folder.get();
  ::unlinkat(folder, next.c_str(), 0);
  UniqueFd const file{::openat(folder, next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!file) throw_data_error(next_path);
  if (!write_all(file.get(), text)) throw_data_error(next_path);
  if (::renameat(folder, next.c_str(), folder, place.name.c_str()) != 0) throw_data_error(place.path);
}

}  // namespace

std::string_view name_of(DataFile file) {
  switch (file) {
    case DataFile::version:
      return "PG_VERSION";
    case DataFile::config:
      return "postgresql.conf";
    case DataFile::auto_config:
      return "postgresql.auto.conf";
    case DataFile::host_access:
      return "pg_hba.conf";
    case DataFile::user_map:
      return "pg_ident.conf";
    case DataFile::process:
      return "postmaster.pid";
    case DataFile::control:
      return "global/pg_control";
    case DataFile::backup_label:
      return "backup_label";
    case DataFile::used_backup_label:
      return "backup_label.old";
    case DataFile::tablespace_map:
      return "tablespace_map";
    case DataFile::standby_signal:
      return "standby.signal";
    case DataFile::recovery_signal:
      return "recovery.signal";
    case DataFile::image:
      return "image";
    case DataFile::next_image:
      return "next-image";
    case DataFile::current:
      return "current";
    case DataFile::history:
      return "history";
    case DataFile::image_facts:
      return "facts";
  }
  return {};
}

std::uintmax_t largest_size(DataFile file) {
  constexpr std::uintmax_t kilobyte = 1024;
  switch (file) {
    case DataFile::version:
    case DataFile::standby_signal:
    case DataFile::recovery_signal:
    case DataFile::current:
    case DataFile::image:
    case DataFile::next_image:
    case DataFile::image_facts:
      return kilobyte;
    case DataFile::process:
      return 8 * kilobyte;
    case DataFile::control:
    case DataFile::backup_label:
    case DataFile::used_backup_label:
      return 64 * kilobyte;
    case DataFile::host_access:
    case DataFile::user_map:
    case DataFile::tablespace_map:
    case DataFile::history:
      return 1024 * kilobyte;
    case DataFile::config:
    case DataFile::auto_config:
      return 4 * 1024 * kilobyte;
  }
  return 0;
}

std::string DataFolder::read(DataFile file) const {
  std::string text;
  work_as(account_, [&] { text = read_place(Place{path_, name_of(file)}, file); });
  return text;
}

bool DataFolder::has(DataFile file) const {
  bool found = false;
  work_as(account_, [&] { found = Place{path_, name_of(file)}.facts().has_value(); });
  return found;
}

void DataFolder::write(DataFile file, std::string_view text) const {
  work_as(account_, [&] { write_place(Place{path_, name_of(file)}, text); });
}

void DataFolder::remove(DataFile file) const {
  work_as(account_, [&] {
    Place const place{path_, name_of(file)};
    if (place.folder) ::unlinkat(place.folder.get(), place.name.c_str(), 0);
  });
}

std::optional<Leftover> DataFolder::remove_all() const {
  std::optional<Leftover> left;
  work_as(account_, [&] {
    std::error_code error;
    if (fs::is_directory(fs::symlink_status(path_, error))) left = empty_folder(path_);
    if (!left && !fs::remove(path_, error) && error) left = Leftover{path_, error.message()};
  });
  return left;
}

void DataFolder::require_as_made() const {
  auto require = [&](std::string_view name, mode_t kind) {
    Place const place{path_, name};
    auto const facts = place.facts();
    if (facts && (facts->st_mode & S_IFMT) != kind) {
      throw DataPlaneError(fmt::format("{} is not a {}, as PostgreSQL made it: remove it, or its branch",
                                       place.path.string(), kind == S_IFDIR ? "folder" : "file"));
    }
    return facts ? static_cast<std::uintmax_t>(facts->st_size) : 0;
  };
  work_as(account_, [&] {
    for (char const* folder : data_subfolders) require(folder, S_IFDIR);
    for (DataFile const file : data_files) require_size(require(name_of(file), S_IFREG), file, path_ / name_of(file));
  });
}

}  // namespace lakebase::emulator
