#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace lakebase::emulator {

/// What a removal could not remove.
struct Leftover {
  std::filesystem::path path;  ///< The first path that could not be removed.
  std::string reason;

  /// For the log and for errors: what was left, why, and what to do.
  std::string description() const;
};

/// Removes the contents of a folder; to be called with the rights of the account that owns it. Changes the mode of
/// folders that are closed to that account. Links are removed, not followed. None: the folder is empty now.
std::optional<Leftover> empty_folder(std::filesystem::path const& path);

}  // namespace lakebase::emulator
