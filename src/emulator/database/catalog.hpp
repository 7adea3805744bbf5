#pragma once

#include <string>

#include "common/json.hpp"
#include "engine/call.hpp"
#include "engine/router.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {

/// Databases of instances that are registered in Unity Catalog.
class DatabaseCatalogs {
 public:
  DatabaseCatalogs(Workspace& workspace, Catalogs& catalogs) : workspace_(workspace), catalogs_(catalogs) {}

  void routes(Router& router);

  Json get(std::string const& name) const;
  Json create(Call const& call);
  Json remove(std::string const& name);

 private:
  Workspace& workspace_;
  Catalogs& catalogs_;
};

}  // namespace lakebase::emulator
