#include "engine/router.hpp"

#include "common/paths.hpp"

namespace lakebase::emulator {

void Router::add(std::string_view method, std::string_view pattern, Handler handler) {
  lines_.push_back({std::string(method), std::string(pattern), std::move(handler)});
}

std::optional<Json> Router::route(std::string_view method, Call const& call) const {
  for (auto const& line : lines_) {
    if (line.method == method && path_fits(line.pattern, call.path)) return line.handler(call);
  }
  return std::nullopt;
}

}  // namespace lakebase::emulator
