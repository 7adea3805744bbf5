#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "data_plane/server/postgres_installation.hpp"

namespace lakebase::emulator {

/// Gives servers the service's extensions besides those of their installation; see docs/adr/0019. Thread-safe.
class ExtensionMirrors {
 public:
  /// @param folder for the mirrors; made when the first server starts
  ExtensionMirrors(std::filesystem::path folder, std::function<void(std::string const&)> log)
      : folder_(std::move(folder)), log_(std::move(log)) {}

  /// The path that a server of an installation is to be told to be its program's. Empty if that cannot be had, which
  /// goes to the log: its clients have the extensions of the installation only.
  std::string called(PostgresInstallation const& installation) { return of(installation).called; }
  /// The library of pg_stat_statements, which servers load at their start as in the service; empty if there is none.
  std::string preloaded(PostgresInstallation const& installation) { return of(installation).preloaded; }

 private:
  struct Made {
    std::string called;
    std::string preloaded;
  };
  Made const& of(PostgresInstallation const& installation);
  Made make(PostgresInstallation const& installation) const;

  std::filesystem::path const folder_;
  std::function<void(std::string const&)> const log_;
  std::mutex mutex_;
  std::map<int, Made> made_;  ///< By major version.
};

}  // namespace lakebase::emulator
