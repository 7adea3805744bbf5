#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/call.hpp"

namespace lakebase::emulator {

/// Which function handles which call: a table to which each resource adds its lines.
class Router {
 public:
  using Handler = std::function<Json(Call const&)>;

  /// @param pattern see `path_fits`: `projects/*/branches`
  void add(std::string_view method, std::string_view pattern, Handler handler);

  /// The response of the call's handler; none if there is no such route.
  std::optional<Json> route(std::string_view method, Call const& call) const;

 private:
  struct Line {
    std::string method;
    std::string pattern;
    Handler handler;
  };
  std::vector<Line> lines_;
};

}  // namespace lakebase::emulator
