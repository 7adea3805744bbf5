#include "system/run_as_posix.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

#include "common/computes.hpp"

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
  // Of an account with more groups none is taken: they matter only to installations that protect their files by them.
  if (::getgrouplist(name, found->pw_gid, result.groups.data(), &count) < 0) count = 0;
  result.groups.resize(static_cast<std::size_t>(count));
  result.dumpable = ::prctl(PR_GET_DUMPABLE) == 1;
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

std::string account_name(uid_t uid) {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return found->pw_name;
  throw DataPlaneError(fmt::format("the user id {} has no account, which PostgreSQL needs; add one", uid));
}

std::string own_account_name() {
  return account_name(::geteuid());
}

void require_reachable(fs::path const& path, RunAs const& run_as) {
  if (!run_as.switches) return;
  struct stat folder {};
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
