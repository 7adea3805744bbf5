#include "surface/report.hpp"

#include <algorithm>

namespace lakebase::tests {

void Report::compare_names(std::string_view what, std::vector<std::string> const& wanted,
                           std::vector<std::string> const& found) {
  auto const has = [](std::vector<std::string> const& list, std::string const& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  bool same_names = wanted.size() == found.size();
  for (auto const& name : wanted) {
    if (has(found, name)) continue;
    add(what, ": missing ", name);
    same_names = false;
  }
  for (auto const& name : found) {
    if (has(wanted, name)) continue;
    add(what, ": extra ", name);
    same_names = false;
  }
  if (same_names && wanted != found) {
    auto const at = std::mismatch(wanted.begin(), wanted.end(), found.begin());
    add(what, ": another order: the manifest has ", *at.first, " where the code has ", *at.second);
  }
  auto sorted = found;
  std::sort(sorted.begin(), sorted.end());
  auto const twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) add(what, ": twice ", *twice);
}

std::string Report::text() const {
  std::string result;
  for (auto const& line : lines_) result += "\n  " + line;
  return result;
}

}  // namespace lakebase::tests
