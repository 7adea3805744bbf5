#include "engine/router.hpp"

#include "common/paths.hpp"
#include "engine/errors.hpp"

namespace lakebase::emulator {

void Router::add(std::string_view method, std::string_view pattern, Handler handler) {
  lines_.push_back({std::string(method), std::string(pattern), std::move(handler)});
}

void Router::add_unoffered(std::string_view pattern, std::string_view what) {
  lines_.push_back({{}, std::string(pattern), nullptr, std::string(what)});
}

Router::Handler const* Router::find(std::string_view method, std::span<std::string const> path) const {
  auto const wanted = method == "HEAD" ? "GET" : method;
  for (auto const& line : lines_) {
    if (!line.method.empty() && line.method != wanted) continue;
    if (!path_fits(line.pattern, path)) continue;
    if (!line.handler) throw not_offered(line.unoffered);
    return &line.handler;
  }
  return nullptr;
}

}  // namespace lakebase::emulator
