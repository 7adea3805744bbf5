#include "data_plane/server/extension_mirrors.hpp"

#include <fmt/format.h>

#include <exception>

#include "data_plane/folders/service_extensions.hpp"

namespace lakebase::emulator {

ExtensionMirrors::Made const& ExtensionMirrors::of(PostgresInstallation const& installation) {
  std::lock_guard const lock{mutex_};
  if (auto const found = made_.find(installation.version); found != made_.end()) return found->second;
  return made_[installation.version] = make(installation);
}

ExtensionMirrors::Made ExtensionMirrors::make(PostgresInstallation const& installation) const try {
  if (!installation.found()) return {};
  auto const folders = folders_of_installation(installation.bin, installation.version);
  make_readable_folder(folder_);
  auto const called = mirror_installation(folders, folder_ / std::to_string(installation.version),
                                          service_extensions(folders.share / "extension"));
  bool const has_statistics = std::filesystem::exists(folders.libraries / "pg_stat_statements.so");
  return {called.string(), has_statistics ? "pg_stat_statements" : ""};
} catch (std::exception const& error) {
  log_(fmt::format("PostgreSQL {} runs without databricks_auth: {}", installation.version, error.what()));
  return {};
}

}  // namespace lakebase::emulator
