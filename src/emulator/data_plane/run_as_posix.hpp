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

  /// `postgres` where we are root, else `nobody`; where we are not root, ourselves.
  static RunAs choose();

  /// Makes a folder that only this account can read; no error where it exists.
  void make_private_directory(std::filesystem::path const& path) const;
  /// Hands a file over to this account.
  void own(std::filesystem::path const& path) const;
  void own(int fd) const;
};

/// Makes a folder that others can pass through but not list, and checks that `run_as` can reach it.
/// @throws DataPlaneError naming the folder on the way that is closed to it
void make_passable_directory(std::filesystem::path const& path, RunAs const& run_as);

}  // namespace lakebase::emulator
