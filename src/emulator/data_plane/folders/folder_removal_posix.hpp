#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace lakebase::emulator {

/// What a removal has left behind.
struct Leftover {
  std::filesystem::path path;  ///< The first that could not be removed.
  std::string reason;

  /// For the log and for errors: what it is, why, and what to do.
  std::string description() const;
};

/// Removes what is in a folder, with the rights of the account that it belongs to: to be called with those. Where a
/// folder of that account is closed to it, it is opened to it. Links are removed, not followed. None: it is empty now.
std::optional<Leftover> empty_folder(std::filesystem::path const& path);

}  // namespace lakebase::emulator
