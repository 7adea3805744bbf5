#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lakebase::cli {

/// The parts between separators, without empty ones.
std::vector<std::string> split(std::string_view text, char separator);

/// `create_branch` as `create-branch`.
std::string kebab(std::string_view snake);

/// `branch_id` as `BRANCH_ID`.
std::string upper(std::string_view text);

/// The candidate that a mistyped word most likely means; empty if none is near.
std::string nearest(std::string_view word, std::vector<std::string> const& candidates);

/// `; did you mean X?`, or nothing if no candidate is near.
std::string suggestion(std::string_view word, std::vector<std::string> const& candidates, std::string_view prefix = "");

/// A value in quotes that a POSIX shell takes as it is.
std::string shell_quoted(std::string_view value);

}  // namespace lakebase::cli
