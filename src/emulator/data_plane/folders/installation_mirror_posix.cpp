#include "data_plane/folders/installation_mirror_posix.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "common/computes.hpp"
#include "system/descriptor_io_posix.hpp"
#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

constexpr fs::perms for_all_to_read = fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec |
                                      fs::perms::others_read | fs::perms::others_exec;

/// The first that has the file; else none.
fs::path first_with(std::vector<fs::path> const& candidates, fs::path const& file) {
  std::error_code error;
  auto const found = std::find_if(candidates.begin(), candidates.end(),
                                  [&](fs::path const& folder) { return fs::exists(folder / file, error); });
  return found == candidates.end() ? fs::path{} : *found;
}

/// The place of a path below the mirror, with all folders above it.
fs::path place_in(fs::path const& mirror, fs::path const& path) {
  fs::path place = mirror;
  for (fs::path const& part : path.relative_path().parent_path()) make_readable_folder(place /= part);
  return place / path.filename();
}

void write_file(fs::path const& path, std::string_view text, mode_t mode) {
  UniqueFd const file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!file || ::fchmod(file.get(), mode) != 0 || !write_all(file.get(), text)) {
    throw std::system_error(errno, std::generic_category(), path.string());
  }
}

template <class Predicate>
void link_entries(fs::path const& from, fs::path const& to, Predicate const& is_wanted) {
  for (fs::directory_entry const& entry : fs::directory_iterator{from}) {
    fs::path const name = entry.path().filename();
    if (is_wanted(name.string())) fs::create_symlink(entry.path(), to / name);
  }
}

}  // namespace

void make_readable_folder(fs::path const& folder) {
  if (fs::create_directory(folder)) fs::permissions(folder, for_all_to_read);
}

InstallationFolders folders_of_installation(fs::path const& bin, int version) {
  InstallationFolders folders{fs::canonical(bin / "postgres").parent_path(), {}, {}};
  fs::path const prefix = folders.bin.parent_path();
  std::string const number = std::to_string(version);
  folders.libraries = first_with({prefix / "lib", prefix / "lib" / "postgresql", prefix / "lib64" / "pgsql",
                                  prefix / "lib" / "pgsql", prefix / "lib" / ("postgresql" + number)},
                                 "plpgsql.so");
  folders.share = first_with({prefix / "share", prefix / "share" / "postgresql", prefix / "share" / "pgsql",
                              fs::path{"/usr/share/postgresql"} / number, prefix / "share" / ("postgresql" + number),
                              fs::path{"/usr/share/postgresql" + number}},
                             fs::path{"extension"} / "plpgsql.control");
  if (folders.libraries.empty() || folders.share.empty()) {
    throw DataPlaneError(fmt::format("the {} of the PostgreSQL in {} are not where packages put them",
                                     folders.share.empty() ? "extensions" : "libraries", folders.bin.string()));
  }
  return folders;
}

fs::path mirror_installation(InstallationFolders const& installation, fs::path const& folder,
                             std::vector<ExtensionFile> const& added) {
  fs::remove_all(folder);
  make_readable_folder(folder);
  fs::path const program = place_in(folder, installation.bin / "postgres");
  write_file(program, {}, 0755);
  if (::access(program.c_str(), X_OK) != 0) throw std::system_error(errno, std::generic_category(), program.string());
  fs::create_directory_symlink(installation.libraries, place_in(folder, installation.libraries));
  fs::path const share = place_in(folder, installation.share);
  fs::path const extensions = share / "extension";
  make_readable_folder(share);
  make_readable_folder(extensions);
  link_entries(installation.share, share, [](std::string const& name) { return name != "extension"; });
  link_entries(installation.share / "extension", extensions, [&](std::string const& name) {
    return std::none_of(added.begin(), added.end(), [&](ExtensionFile const& file) { return file.name == name; });
  });
  for (ExtensionFile const& file : added) write_file(extensions / file.name, file.text, 0644);
  return program;
}

}  // namespace lakebase::emulator
