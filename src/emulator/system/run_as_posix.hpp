#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace lakebase::emulator {

/// The account that PostgreSQL runs as: it refuses to be root.
struct RunAs {
  /// Whether that account is another one than ours.
  bool switches = false;
  std::string name;
  uid_t uid{};
  gid_t gid{};
  std::vector<gid_t> groups;
  /// Whether this process wrote core dumps, and let debuggers in, when the account was chosen.
  bool dumpable = false;

  /// `postgres` where we are root, else `nobody`; where we are not root, ourselves.
  static RunAs choose();
};

/// The name of an account of this machine. @throws DataPlaneError where it has none
std::string account_name(uid_t uid);
/// The same of the account that we run as.
std::string own_account_name();

/// Checks that `run_as` can reach a folder. @throws DataPlaneError naming the folder on the way that is closed to it
void require_reachable(std::filesystem::path const& path, RunAs const& run_as);

}  // namespace lakebase::emulator
