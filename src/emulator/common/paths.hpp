#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lakebase::emulator {

/// What is between the slashes.
std::vector<std::string> split_path(std::string_view path);

/// Whether the segments of a path fit a pattern, which has slashes between its segments: `*` stands for any that is not
/// empty, `**` for any number of them, also none.
bool path_fits(std::string_view pattern, std::span<std::string const> path);

}  // namespace lakebase::emulator
