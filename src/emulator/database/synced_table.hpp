#pragma once

#include <string>

#include "common/json.hpp"
#include "engine/call.hpp"
#include "engine/router.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {

/// Tables that are copied from Unity Catalog into instances.
class SyncedDatabaseTables {
 public:
  SyncedDatabaseTables(Workspace& workspace, SyncedTables& tables) : workspace_(workspace), tables_(tables) {}

  void routes(Router& router);

  Json get(std::string const& name) const;
  Json create(Call const& call);
  Json remove(std::string const& name, Query const& query);

 private:
  Workspace& workspace_;
  SyncedTables& tables_;
};

}  // namespace lakebase::emulator
