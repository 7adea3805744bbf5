#include "cli/base/words.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace lakebase::cli {
namespace {

/// Insertions, deletions, replacements and swaps of neighbours that make one word of the other.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before(to.size() + 1);
  std::vector<std::size_t> above(to.size() + 1);
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[to.size()];
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    auto const end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string kebab(std::string_view snake) {
  std::string word{snake};
  std::replace(word.begin(), word.end(), '_', '-');
  return word;
}

std::string upper(std::string_view text) {
  std::string word{text};
  for (char& letter : word) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter & ~0x20);
  }
  return word;
}

std::string nearest(std::string_view word, std::vector<std::string> const& candidates) {
  std::string best;
  std::size_t least = std::max<std::size_t>(word.size() / 3, 2) + 1;
  for (auto const& candidate : candidates) {
    // The beginning of a word is as good as one wrong letter.
    bool const begins = word.size() >= 3 && std::string_view{candidate}.starts_with(word);
    auto const far = begins ? std::size_t{1} : distance(word, candidate);
    if (far < least) {
      least = far;
      best = candidate;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, std::vector<std::string> const& candidates, std::string_view prefix) {
  auto const near = nearest(word, candidates);
  return near.empty() ? "" : fmt::format("; did you mean {}{}?", prefix, near);
}

std::string shell_quoted(std::string_view value) {
  std::string quoted = "'";
  for (char const letter : value) {
    if (letter == '\'') {
      quoted += "'\\''";
    } else {
      quoted += letter;
    }
  }
  return quoted + "'";
}

}  // namespace lakebase::cli
