#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace lakebase::emulator {

/// The account that PostgreSQL runs as, since it refuses to run as root.
struct RunAs {
  /// Whether it is another account than ours.
  bool switches = false;
  std::string name;
  uid_t uid{};
  gid_t gid{};
  std::vector<gid_t> groups;
  /// Whether this process could write core dumps and be debugged when the account was chosen.
  bool dumpable = false;

  /// If we are root: `postgres`, or `nobody` if there is no such account; else our own account.
  static RunAs choose();
};

/// The name of an account of this machine. @throws DataPlaneError if it has none
std::string account_name(uid_t uid);
/// The same for the account that we run as.
std::string own_account_name();

/// Checks that `run_as` can reach a folder. @throws DataPlaneError that names the folder on the way that is closed to
/// it
void require_reachable(std::filesystem::path const& path, RunAs const& run_as);

}  // namespace lakebase::emulator
