#pragma once

#include <string>

#include "common/json.hpp"
#include "engine/call.hpp"
#include "engine/router.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {

/// Tables of instances that are registered in Unity Catalog.
class DatabaseTables {
 public:
  DatabaseTables(Workspace& workspace, Tables& tables) : workspace_(workspace), tables_(tables) {}

  void routes(Router& router);

  Json get(std::string const& name) const;
  Json create(Call const& call);
  Json remove(std::string const& name);

 private:
  Workspace& workspace_;
  Tables& tables_;
};

}  // namespace lakebase::emulator
