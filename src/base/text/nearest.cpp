#include "base/text/nearest.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

/// Insertions, deletions and replacements that make one word of the other.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    auto corner = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < to.size(); ++j) {
      auto const replaced = corner + (from[i] == to[j] ? 0 : 1);
      corner = std::exchange(row[j + 1], std::min({replaced, row[j + 1] + 1, row[j] + 1}));
    }
  }
  return row.back();
}

}  // namespace

std::string nearest(std::string_view word, std::vector<std::string> const& candidates) {
  std::string best;
  auto least = std::max<std::size_t>(word.size() / 3, 2) + 1;
  for (auto const& candidate : candidates) {
    if (std::max(word.size(), candidate.size()) - std::min(word.size(), candidate.size()) >= least) continue;
    if (auto const far = distance(word, candidate); far < least) {
      least = far;
      best = candidate;
    }
  }
  return best;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
