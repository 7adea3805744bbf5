#pragma once

#include <string>
#include <string_view>

#include "engine/call.hpp"

namespace lakebase::emulator {

/// In front of the paths of this API.
inline constexpr std::string_view database_api = "api/2.0/database/";

/// What follows the collection: `instances/NAME/…`, `catalogs/NAME`.
inline std::string const& named_in(Call const& call) {
  return call.path.at(4);
}

}  // namespace lakebase::emulator
