#include "common/paths.hpp"

#include <algorithm>

namespace lakebase::emulator {

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> segments;
  for (;;) {
    auto const slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool path_fits(std::string_view pattern, std::span<std::string const> path) {
  while (!pattern.empty()) {
    auto const slash = std::min(pattern.find('/'), pattern.size());
    auto const segment = pattern.substr(0, slash);
    pattern.remove_prefix(std::min(slash + 1, pattern.size()));
    if (segment == "**") {
      for (std::size_t skipped = 0; skipped <= path.size(); ++skipped) {
        if (path_fits(pattern, path.subspan(skipped))) return true;
      }
      return false;
    }
    if (path.empty()) return false;
    if (segment == "*" ? path.front().empty() : segment != path.front()) return false;
    path = path.subspan(1);
  }
  return path.empty();
}

}  // namespace lakebase::emulator
