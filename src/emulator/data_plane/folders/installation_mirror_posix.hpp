#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lakebase::emulator {

/// Makes a folder of the emulator's account that others may read, whatever the umask, unless it is there.
void make_readable_folder(std::filesystem::path const& folder);

/// A file to be put into a folder of extensions.
struct ExtensionFile {
  std::string name;
  std::string text;
};

/// Where an installation of PostgreSQL keeps what its server reads.
struct InstallationFolders {
  std::filesystem::path bin;
  std::filesystem::path libraries;
  /// Has a folder `extension`.
  std::filesystem::path share;
};

/// Finds them by the folder of the programs. @throws DataPlaneError if they are elsewhere than packages put them
InstallationFolders folders_of_installation(std::filesystem::path const& bin, int version);

/// Makes a folder in which an installation of PostgreSQL seems to stand, with further files among its extensions, and
/// returns the path by which its server is to be started.
///
/// A server looks for its files by the path that it was started by, which is its first argument, and not by the file
/// that runs. So the path is that of an empty file; what stands around it are links to the installation's own files.
/// The folder belongs to the emulator's account, and PostgreSQL's can only read it.
///
/// @param folder is emptied first
/// @param added take the place of the installation's own files of the same names
/// @throws DataPlaneError or std::system_error; e.g. where the file system of the folder runs no programs, as
/// PostgreSQL would not take the file for its program then
std::filesystem::path mirror_installation(InstallationFolders const& installation, std::filesystem::path const& folder,
                                          std::vector<ExtensionFile> const& added);

}  // namespace lakebase::emulator
