#pragma once

#include <filesystem>
#include <string>

namespace lakebase::emulator {

/// What the workspace keeps to itself.
struct Secrets {
  /// Of the tokens that it mints.
  std::string signing_key;
  /// The user's personal access token.
  std::string token;
};

/// The secrets that a folder holds; those that it does not are made. @param token what the user wants; empty: the one
/// in the folder
Secrets kept_secrets(std::filesystem::path const& folder, std::string const& token);

}  // namespace lakebase::emulator
