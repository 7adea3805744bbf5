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

/// The secrets in a folder; missing ones are created. @param token the user's choice; empty: the one in the folder
Secrets kept_secrets(std::filesystem::path const& folder, std::string const& token);

}  // namespace lakebase::emulator
