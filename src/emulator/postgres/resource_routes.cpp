#include "postgres/resource_routes.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "postgres/request_types.hpp"

namespace lakebase::emulator {
namespace {

// The parent of what has the collection, or the singleton, at this path.
ResourceName parent_of(Kind const& kind, std::vector<std::string> path) {
  if (!kind.is_singleton()) path.emplace_back("any");
  return name_in(path).parent();
}

// Looks at the types of the whole body before anything of it is carried out.
ResourceRoutes::Handler with_types(Kind const& kind, ResourceRoutes::Handler handler) {
  auto const& message = request_types().at(kind.type);
  return [&message, handler = std::move(handler)](ResourceName const& name, Call const& call) {
    check_types(call.fields(), message);
    return handler(name, call);
  };
}

}  // namespace

ResourceName name_in(std::span<std::string const> path) {
  auto const prefix = std::count(postgres_api.begin(), postgres_api.end(), '/');
  return parse_name(path.subspan(static_cast<std::size_t>(prefix))).value();
}

void ResourceRoutes::add_for_parent(std::string_view method, Handler handler) {
  auto pattern = kind_.names;
  if (!kind_.is_singleton()) pattern.remove_suffix(std::string_view{"/*"}.size());
  router_.add(method, fmt::format("{}{}", postgres_api, pattern),
              [&kind = kind_, handler = std::move(handler)](Call const& call) {
                return handler(parent_of(kind, call.path), call);
              });
}

void ResourceRoutes::add(std::string_view method, Handler handler) {
  router_.add(method, fmt::format("{}{}", postgres_api, kind_.names),
              [handler = std::move(handler)](Call const& call) { return handler(name_in(call.path), call); });
}

ResourceRoutes& ResourceRoutes::list(Handler handler) {
  add_for_parent("GET", std::move(handler));
  return *this;
}

ResourceRoutes& ResourceRoutes::create(Handler handler) {
  add_for_parent("POST", with_types(kind_, std::move(handler)));
  return *this;
}

ResourceRoutes& ResourceRoutes::get(Handler handler) {
  add("GET", std::move(handler));
  return *this;
}

ResourceRoutes& ResourceRoutes::update(Handler handler) {
  add("PATCH", with_types(kind_, std::move(handler)));
  return *this;
}

ResourceRoutes& ResourceRoutes::remove(Handler handler) {
  add("DELETE", std::move(handler));
  return *this;
}

ResourceRoutes& ResourceRoutes::verb(std::string_view verb, Handler handler) {
  router_.add("POST", fmt::format("{}{}/{}", postgres_api, kind_.names, verb),
              [handler = std::move(handler)](Call const& call) {
                auto path = call.path;
                path.pop_back();
                return handler(name_in(path), call);
              });
  return *this;
}

}  // namespace lakebase::emulator
