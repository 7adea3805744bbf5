#pragma once

#include <filesystem>
#include <vector>

#include "data_plane/folders/installation_mirror_posix.hpp"

namespace lakebase::emulator {

/// The files of the extensions that the service has and PostgreSQL has not: databricks_auth, and those of Lakebase
/// Search, which refuse to be created and say why. And those of the service's extensions that the installation has,
/// such that everybody who may create a trusted extension may create them, as in the service.
///
/// @param extensions the installation's folder of extensions
std::vector<ExtensionFile> service_extensions(std::filesystem::path const& extensions);

}  // namespace lakebase::emulator
