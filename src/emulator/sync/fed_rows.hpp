#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lakebase::emulator {

/// The rows that a table has after the changes in a file of its feed, the oldest first: of each the columns as its line
/// has them, such as `,"id":7,"name":"x"`.
std::vector<std::string> rows_after(std::filesystem::path const& feed);

}  // namespace lakebase::emulator
