#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace lakebase::tests {

/// The major version of PostgreSQL that the tests are to run on, and that scripts/install-postgres may have put below
/// the build folder. None: what the distribution has.
inline std::optional<int> wanted_major() {
  char const* const major = std::getenv("LAKEBASE_TEST_POSTGRES_MAJOR");
  return major == nullptr ? std::nullopt : std::optional{std::stoi(major)};
}

/// The folder with the programs of a major version; none where scripts/install-postgres has not put it there.
inline std::optional<std::filesystem::path> programs_of(int major) {
  char const* const folder = std::getenv("LAKEBASE_POSTGRES_DIR");
  auto bin =
      std::filesystem::path{folder != nullptr ? folder : LAKEBASE_TEST_POSTGRES_FOLDER} / std::to_string(major) / "bin";
  return exists(bin / "postgres") ? std::optional{std::move(bin)} : std::nullopt;
}

}  // namespace lakebase::tests
