#include "common/shown.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace lakebase::emulator {
namespace {
constexpr std::size_t longest_quote = 100;
}

std::string shown(std::string_view text) {
  std::string result{text.substr(0, longest_quote)};
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c < ' ' || c > '~' || c == '\''; }, '?');
  return fmt::format("'{}'", result);
}

}  // namespace lakebase::emulator
