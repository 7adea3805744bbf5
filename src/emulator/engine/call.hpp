#pragma once

#include <string>
#include <vector>

#include "common/identity.hpp"
#include "common/json.hpp"
#include "engine/fields.hpp"
#include "engine/query.hpp"

namespace lakebase::emulator {

/// A call of the API.
struct Call {
  Identity caller;
  /// The segments of its whole path.
  std::vector<std::string> path;
  Query query;
  Json body = Json::object();

  Fields fields() const { return Fields{body}; }
};

}  // namespace lakebase::emulator
