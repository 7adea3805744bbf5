#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/call.hpp"

namespace lakebase::emulator {

/// The response to a call that succeeds.
struct Response {
  Response(Json document) : body(std::move(document)) {}  // NOLINT(google-explicit-constructor): `return document;`

  Json body;
  std::vector<std::pair<std::string, std::string>> headers{};
};

/// Which function handles which call: a table of methods, patterns of whole paths, and handlers, to which each part of
/// the emulator adds its lines. The first line that fits counts.
class Router {
 public:
  using Handler = std::function<Response(Call const&)>;

  /// @param pattern see `path_fits`: `api/2.0/postgres/projects/*`. A line for GET is also for HEAD
  void add(std::string_view method, std::string_view pattern, Handler handler);
  /// What the service has at this path and the emulator has not, by any method. @param what see `not_offered`
  void add_unoffered(std::string_view pattern, std::string_view what);

  /// The handler of calls with this method and path; null if no line fits. As with the service, the method makes no
  /// difference there. @throws ServiceError 501 if it is not offered
  Handler const* find(std::string_view method, std::span<std::string const> path) const;

 private:
  struct Line {
    /// Empty: any.
    std::string method;
    std::string pattern;
    /// None: it is not offered.
    Handler handler;
    std::string unoffered{};
  };
  std::vector<Line> lines_;
};

}  // namespace lakebase::emulator
