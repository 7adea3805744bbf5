#pragma once

#include <string>

#include "common/json.hpp"
#include "engine/call.hpp"
#include "engine/router.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {

/// Roles of a database instance, which this API knows by their names in PostgreSQL.
class InstanceRoles {
 public:
  InstanceRoles(Workspace& workspace, Roles& roles) : workspace_(workspace), roles_(roles) {}

  void routes(Router& router);

  Json get(std::string const& instance, std::string const& name) const;
  Json list(std::string const& instance, Query const& query) const;
  Json create(std::string const& instance, Call const& call);
  Json update(std::string const& instance, std::string const& name, Call const& call);
  Json remove(std::string const& instance, std::string const& name, Query const& query);

 private:
  void look(std::string const& instance) const;

  Workspace& workspace_;
  Roles& roles_;
};

}  // namespace lakebase::emulator
