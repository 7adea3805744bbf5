#pragma once

#include <string>
#include <utility>
#include <vector>

#include "data_api/schema/catalog.hpp"

namespace lakebase::emulator::data_api {

/// How one table is joined to another.
struct Relation {
  Table const* target = nullptr;
  /// At most one row.
  bool to_one = false;
  /// Columns of the origin and of the target; of one through a junction, of the origin and of that.
  std::vector<std::pair<std::string, std::string>> on;
  /// None: it is direct.
  Table const* junction = nullptr;
  /// Columns of the junction and of the target.
  std::vector<std::pair<std::string, std::string>> on_junction;
  /// For messages.
  std::string cardinality, description;
};

/// The relation that a name, perhaps with a hint, stands for. @throws ApiError PGRST200 and PGRST201
Relation find_relation(Catalog const& catalog, Table const& origin, std::string const& name, std::string const& hint);

}  // namespace lakebase::emulator::data_api
