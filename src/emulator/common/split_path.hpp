#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lakebase::emulator {

/// What is between the slashes.
inline std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> segments;
  for (;;) {
    auto const slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace lakebase::emulator
