#include "data_plane/postgres_installation.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string>

#include "data_plane/data_plane.hpp"
#include "data_plane/process_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

constexpr int oldest_version = 13;

bool is_complete(fs::path const& bin) {
  std::error_code error;
  for (char const* name : {"initdb", "postgres"}) {
    if (!fs::is_regular_file(bin / name, error)) return false;
  }
  return true;
}

std::optional<int> leading_number(std::string_view text) {
  int number = 0;
  auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && rest != text.data() ? std::optional{number} : std::nullopt;
}

/// Debian's packages have one folder for each major version, so its name tells the version without a process.
std::optional<PostgresInstallation> newest_of_distribution() {
  std::optional<PostgresInstallation> newest;
  std::error_code error;
  for (fs::directory_iterator entry{"/usr/lib/postgresql", error}, end; !error && entry != end;
       entry.increment(error)) {
    auto version = leading_number(entry->path().filename().string());
    fs::path bin = entry->path() / "bin";
    if (version && *version >= oldest_version && (!newest || *version > newest->version) && is_complete(bin)) {
      newest = PostgresInstallation{bin, *version};
    }
  }
  return newest;
}

int ask_version(fs::path const& bin) {
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  auto result = run_process({bin / "postgres", {"--version"}, "/"}, RunAs::choose(), deadline);
  auto digit = result.output.find_first_of("0123456789");
  auto version = digit == std::string::npos ? std::nullopt : leading_number(result.output.substr(digit));
  if (result.exit_code != 0 || !version) {
    throw DataPlaneError(fmt::format("{} does not tell its version", (bin / "postgres").string()));
  }
  if (*version < oldest_version) {
    throw DataPlaneError(
        fmt::format("{} is PostgreSQL {}; the emulator needs {} or newer", bin.string(), *version, oldest_version));
  }
  return *version;
}

std::optional<PostgresInstallation> first_of_path() {
  char const* path = std::getenv("PATH");
  std::istringstream folders{path == nullptr ? "" : path};
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::error_code error;
    fs::path postgres = fs::canonical(fs::path{folder} / "postgres", error);
    if (!error && is_complete(postgres.parent_path())) {
      return PostgresInstallation{postgres.parent_path(), ask_version(postgres.parent_path())};
    }
  }
  return std::nullopt;
}

}  // namespace

PostgresInstallation PostgresInstallation::find() {
  if (char const* bin = std::getenv("LAKEBASE_POSTGRES_BIN"); bin != nullptr && *bin != '\0') {
    if (is_complete(bin)) return {bin, ask_version(bin)};
    throw DataPlaneError(fmt::format("LAKEBASE_POSTGRES_BIN={} is not the bin folder of a PostgreSQL server", bin));
  }
  if (auto found = newest_of_distribution()) return *found;
  if (auto found = first_of_path()) return *found;
  throw DataPlaneError(
      "no PostgreSQL server is installed; install one (Debian, Ubuntu: the package postgresql) or name the folder of "
      "its "
      "programs in LAKEBASE_POSTGRES_BIN");
}

}  // namespace lakebase::emulator
