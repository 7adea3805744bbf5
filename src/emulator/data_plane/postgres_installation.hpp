#pragma once

#include <filesystem>

namespace lakebase::emulator {

/// An installed PostgreSQL server.
struct PostgresInstallation {
  std::filesystem::path bin;
  int version = 0;  ///< Major version, e.g. 15.

  std::filesystem::path program(char const* name) const { return bin / name; }

  /// The folder that LAKEBASE_POSTGRES_BIN names, else the newest of the distribution's, else that of PATH.
  /// @throws DataPlaneError that says what to install
  static PostgresInstallation find();
};

}  // namespace lakebase::emulator
