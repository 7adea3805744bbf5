#include "engine/router.hpp"

#include <algorithm>

#include "common/split_path.hpp"

namespace lakebase::emulator {
namespace {

bool pattern_fits(std::vector<std::string> const& pattern, std::vector<std::string> const& path) {
  return std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(),
                    [](std::string const& wanted, std::string const& segment) {
                      return wanted == "*" ? !segment.empty() : wanted == segment;
                    });
}

}  // namespace

void Router::add(std::string_view method, std::string_view pattern, Handler handler) {
  lines_.push_back({std::string(method), split_path(pattern), std::move(handler)});
}

std::optional<Json> Router::route(std::string_view method, Call const& call) const {
  for (auto const& line : lines_) {
    if (line.method == method && pattern_fits(line.pattern, call.path)) return line.handler(call);
  }
  return std::nullopt;
}

}  // namespace lakebase::emulator
