#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lakebase::emulator {

/// The programs of a PostgreSQL server.
struct PostgresInstallation {
  int version = 0;              ///< Major version, e.g. 15.
  std::filesystem::path bin{};  ///< Empty: this major version was not found.

  [[nodiscard]] bool found() const noexcept { return !bin.empty(); }
  /// @throws DataPlaneError that says what to install, if this major version was not found
  [[nodiscard]] std::filesystem::path program(char const* name) const;
};

/// Where to look for PostgreSQL servers.
struct PostgresSearch {
  std::vector<std::filesystem::path> named{};  ///< Folders of programs, from `--postgres-bin`.
  std::string variable{};                      ///< LAKEBASE_POSTGRES_BIN: more of them, separated by `:`.
  std::string path{};                          ///< PATH, used only if all others have none.
  std::filesystem::path system = "/";          ///< Below it are the distribution's folders.

  static PostgresSearch of_environment(std::vector<std::filesystem::path> named = {});
};

/// The PostgreSQL servers of this machine, one of each major version.
class PostgresInstallations {
 public:
  /// Of several with one major version, the first is taken: one that is named, then one of the variable, then one of
  /// the distribution. @throws DataPlaneError that says which folder is wrong, or what to install
  static PostgresInstallations find(PostgresSearch const& search = PostgresSearch::of_environment());

  /// From the oldest on; never empty.
  [[nodiscard]] std::vector<PostgresInstallation> const& all() const noexcept { return all_; }
  [[nodiscard]] std::vector<int> versions() const;
  /// The installation of a major version; one that is not `found()` if there is none.
  [[nodiscard]] PostgresInstallation of(int version) const;
  /// For the log: the major versions and their folders.
  [[nodiscard]] std::string description() const;

 private:
  void add(PostgresInstallation installation);
  void add_named(std::string_view origin, std::filesystem::path const& folder);
  void add_distribution(std::filesystem::path const& system);
  void add_first_of_path(std::string const& path);

  std::vector<PostgresInstallation> all_;
};

}  // namespace lakebase::emulator
