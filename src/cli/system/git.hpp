#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace lakebase::cli {

/// What the HEAD of the git repository around a folder refers to: `refs/heads/main`. None without a repository, and for
/// a HEAD that is at no branch.
std::optional<std::string> git_ref(std::filesystem::path folder = ".");

}  // namespace lakebase::cli
