#include "data_plane/server/postgres_installation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <sstream>

#include "common/computes.hpp"
#include "data_plane/server/process_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

constexpr int oldest_version = 14;

/// Where packages install PostgreSQL: in `bin` of a folder whose name is a prefix and the major version.
struct PackageFolder {
  char const* parent;
  std::string_view prefix;
};
constexpr std::array<PackageFolder, 6> package_folders = {{
    {"usr/lib/postgresql", ""},                          // Debian, Ubuntu
    {"usr", "pgsql-"},                                   // Red Hat and its kin
    {"opt/homebrew/opt", "postgresql@"},                 // Homebrew
    {"usr/local/opt", "postgresql@"},                    // Homebrew on Intel
    {"opt/local/lib", "postgresql"},                     // MacPorts
    {"Applications/Postgres.app/Contents/Versions", ""}  // Postgres.app
}};

std::optional<int> leading_number(std::string_view text) {
  int number = 0;
  auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && rest != text.data() ? std::optional{number} : std::nullopt;
}

/// The program that is missing in a folder; empty: it has all that the emulator needs.
std::string_view missing_program(fs::path const& bin) {
  std::error_code error;
  for (char const* name : {"initdb", "postgres"}) {
    if (!fs::is_regular_file(bin / name, error)) return name;
  }
  return {};
}

std::vector<std::string> split(std::string const& text) {
  std::vector<std::string> parts;
  std::istringstream stream{text};
  for (std::string part; std::getline(stream, part, ':');) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

int ask_version(fs::path const& bin) {
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  auto const run_as = RunAs::choose();
  ProcessResult result{};
  try {
    result = run_process({bin / "postgres", {"--version"}, "/"}, run_as, deadline);
  } catch (DataPlaneError const& error) {
    throw DataPlaneError(run_as.switches ? fmt::format("{}; the account {}, as which PostgreSQL runs, must be able to",
                                                       error.what(), run_as.name)
                                         : error.what());
  }
  auto const digit = result.output.find_first_of("0123456789");
  auto const version = digit == std::string::npos ? std::nullopt : leading_number(result.output.substr(digit));
  if (result.exit_code != 0 || !version) {
    throw DataPlaneError(fmt::format("{} does not tell its version: {}", (bin / "postgres").string(), result.output));
  }
  return *version;
}

std::string what_to_install(std::string const& package) {
  return fmt::format(
      "install it (Debian, Ubuntu: the package {}; elsewhere scripts/install-postgres puts one below the build "
      "folder), "
      "or name the folder of its programs by --postgres-bin or in LAKEBASE_POSTGRES_BIN",
      package);
}

}  // namespace

fs::path PostgresInstallation::program(char const* name) const {
  if (found()) return bin / name;
  throw DataPlaneError(fmt::format("the branch's data are of PostgreSQL {}, which was not found on this machine; {}",
                                   version, what_to_install(fmt::format("postgresql-{}", version))));
}

PostgresSearch PostgresSearch::of_environment(std::vector<fs::path> named) {
  auto const variable = [](char const* name) {
    char const* value = std::getenv(name);
    return std::string{value == nullptr ? "" : value};
  };
  return {std::move(named), variable("LAKEBASE_POSTGRES_BIN"), variable("PATH")};
}

PostgresInstallations PostgresInstallations::find(PostgresSearch const& search) {
  PostgresInstallations found;
  for (auto const& folder : search.named) found.add_named("--postgres-bin", folder);
  for (auto const& folder : split(search.variable)) found.add_named("LAKEBASE_POSTGRES_BIN", folder);
  found.add_distribution(search.system);
  if (found.all_.empty()) found.add_first_of_path(search.path);
  if (found.all_.empty()) {
    throw DataPlaneError(fmt::format("no PostgreSQL server of version {} or newer was found; {}", oldest_version,
                                     what_to_install("postgresql")));
  }
  return found;
}

void PostgresInstallations::add(PostgresInstallation installation) {
  if (of(installation.version).found()) return;
  auto const place =
      std::find_if(all_.begin(), all_.end(), [&](auto const& other) { return other.version > installation.version; });
  all_.insert(place, std::move(installation));
}

void PostgresInstallations::add_named(std::string_view origin, fs::path const& folder) {
  auto const bin = fs::absolute(folder).lexically_normal();
  if (auto const program = missing_program(bin); !program.empty()) {
    throw DataPlaneError(fmt::format("{}={} is not the folder of a PostgreSQL server's programs: it has no {}", origin,
                                     folder.string(), program));
  }
  int const version = ask_version(bin);
  if (version < oldest_version) {
    throw DataPlaneError(fmt::format("{}={} is PostgreSQL {}; the emulator needs {} or newer", origin, folder.string(),
                                     version, oldest_version));
  }
  add({version, bin});
}

/// Takes the version from the name of the package's folder, without running a program.
void PostgresInstallations::add_distribution(fs::path const& system) {
  for (auto const& [parent, prefix] : package_folders) {
    std::error_code error;
    for (fs::directory_iterator entry{system / parent, error}, end; !error && entry != end; entry.increment(error)) {
      std::string const name = entry->path().filename().string();
      if (!name.starts_with(prefix)) continue;
      auto const version = leading_number(std::string_view{name}.substr(prefix.size()));
      fs::path const bin = entry->path() / "bin";
      if (version && *version >= oldest_version && missing_program(bin).empty()) add({*version, bin});
    }
  }
}

void PostgresInstallations::add_first_of_path(std::string const& path) {
  for (auto const& folder : split(path)) {
    std::error_code error;
    fs::path const bin = fs::canonical(fs::path{folder} / "postgres", error).parent_path();
    if (error || !missing_program(bin).empty()) continue;
    if (int const version = ask_version(bin); version >= oldest_version) return add({version, bin});
  }
}

std::vector<int> PostgresInstallations::versions() const {
  std::vector<int> versions;
  for (auto const& installation : all_) versions.push_back(installation.version);
  return versions;
}

PostgresInstallation PostgresInstallations::of(int version) const {
  for (auto const& installation : all_) {
    if (installation.version == version) return installation;
  }
  return {version};
}

std::string PostgresInstallations::description() const {
  std::string text;
  for (auto const& [version, bin] : all_) {
    text += fmt::format("{}PostgreSQL {} in {}", text.empty() ? "" : ", ", version, bin.string());
  }
  return text;
}

}  // namespace lakebase::emulator
