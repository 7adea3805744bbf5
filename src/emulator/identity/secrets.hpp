#pragma once

#include <filesystem>
#include <string>

namespace lakebase::emulator {

/// The secrets of the workspace.
struct Secrets {
  /// Signs the tokens that the workspace mints.
  std::string signing_key;
  /// The user's personal access token.
  std::string token;
};

/// The secrets in a folder; missing ones are created.
/// @param token the user's choice; empty: the one in the folder
/// @param is_temporary whether the folder goes with this process
Secrets kept_secrets(std::filesystem::path const& folder, std::string const& token, bool is_temporary);

}  // namespace lakebase::emulator
