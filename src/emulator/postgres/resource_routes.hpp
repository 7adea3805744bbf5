#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "common/json.hpp"
#include "engine/call.hpp"
#include "engine/router.hpp"
#include "postgres/resource_names.hpp"

namespace lakebase::emulator {

/// In front of the names of resources in paths.
inline constexpr std::string_view postgres_api = "api/2.0/postgres/";

/// The name of the resource that a whole path ends with. Not for other paths.
ResourceName name_in(std::span<std::string const> path);

/// Adds the routes of one kind of resources, whose paths follow from the shape of its names.
///
/// A handler gets the name of the resource; those of `list` and `create`, the name of what it belongs to.
class ResourceRoutes {
 public:
  using Handler = std::function<Json(ResourceName const&, Call const&)>;

  /// @param kind a constant, to which handlers refer
  ResourceRoutes(Router& router, Kind const& kind) : router_(router), kind_(kind) {}

  /// `GET <parent>/<collection>`; not of a singleton.
  ResourceRoutes& list(Handler handler);
  /// `POST <parent>/<collection>`, or of a singleton `POST <name>`.
  ResourceRoutes& create(Handler handler);
  /// `GET <name>`
  ResourceRoutes& get(Handler handler);
  /// `PATCH <name>`
  ResourceRoutes& update(Handler handler);
  /// `DELETE <name>`
  ResourceRoutes& remove(Handler handler);
  /// `POST <name>/<verb>`
  ResourceRoutes& verb(std::string_view verb, Handler handler);

 private:
  void add_for_parent(std::string_view method, Handler handler);
  void add(std::string_view method, Handler handler);

  Router& router_;
  Kind const& kind_;
};

}  // namespace lakebase::emulator
