#include "data_plane/run_as_posix.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

#include "data_plane/data_plane.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void throw_errno(std::string const& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::optional<RunAs> account(char const* name) {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwnam_r(name, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return std::nullopt;
  RunAs result{true, name, found->pw_uid, found->pw_gid, std::vector<gid_t>(64)};
  int count = static_cast<int>(result.groups.size());
  // Membership of further groups only matters to installations that guard their files by it.
  if (::getgrouplist(name, found->pw_gid, result.groups.data(), &count) < 0) count = 0;
  result.groups.resize(static_cast<std::size_t>(count));
  return result;
}

bool may_pass(struct stat const& folder, RunAs const& run_as) {
  if (folder.st_uid == run_as.uid) return (folder.st_mode & S_IXUSR) != 0;
  bool in_group = folder.st_gid == run_as.gid ||
                  std::find(run_as.groups.begin(), run_as.groups.end(), folder.st_gid) != run_as.groups.end();
  return (folder.st_mode & (in_group ? S_IXGRP : S_IXOTH)) != 0;
}

}  // namespace

RunAs RunAs::choose() {
  if (::geteuid() != 0) return RunAs{false, {}, ::geteuid(), ::getegid(), {}};
  for (char const* name : {"postgres", "nobody"}) {
    if (auto found = account(name)) return *found;
  }
  throw DataPlaneError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it as");
}

void RunAs::make_private_directory(fs::path const& path) const {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) throw_errno(path.string());
  own(path);
}

void RunAs::own(fs::path const& path) const {
  if (switches && ::lchown(path.c_str(), uid, gid) != 0) throw_errno(path.string());
}

void RunAs::own(int fd) const {
  if (switches && ::fchown(fd, uid, gid) != 0) throw_errno("chown");
}

void make_passable_directory(fs::path const& path, RunAs const& run_as) {
  fs::create_directories(path);
  struct stat folder {};
  if (::stat(path.c_str(), &folder) != 0) throw_errno(path.string());
  mode_t passable = (folder.st_mode & 07777U) | S_IXUSR | S_IXGRP | S_IXOTH;
  if (run_as.switches && passable != (folder.st_mode & 07777U)) ::chmod(path.c_str(), passable);
  if (!run_as.switches) return;
  fs::path way;
  for (fs::path const& part : fs::canonical(path)) {
    way /= part;
    if (::stat(way.c_str(), &folder) != 0) throw_errno(way.string());
    if (may_pass(folder, run_as)) continue;
    throw DataPlaneError(
        fmt::format("PostgreSQL runs as the user {}, which cannot reach {}: {} is closed to it; "
                    "choose a data directory elsewhere, for instance under /tmp or /var/lib",
                    run_as.name, path.string(), way.string()));
  }
}

}  // namespace lakebase::emulator
