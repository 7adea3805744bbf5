#pragma once

#include "postgres/call.hpp"
#include "postgres/views.hpp"

namespace lakebase::emulator {

/// Databases of a branch: resources here, and databases in PostgreSQL.
class Databases {
 public:
  Databases(Workspace& workspace, Views const& views) : workspace_(workspace), views_(views) {}

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  Json list(ResourceName const& branch, Query const& query) const;
  Json create(ResourceName const& branch, Call const& call);
  Json update(ResourceName const& name, Call const& call);
  Json remove(ResourceName const& name);

 private:
  Json show(State const& state, ResourceName const& name) const;
  Work plan_create(State& state, ResourceName const& name, Fields const& spec);
  Work plan_change(State& state, ResourceName const& name, Fields const& spec, Touched const& touched);

  Workspace& workspace_;
  Views const& views_;
};

/// The name that `spec.postgres_database` gives, or the default. @throws ServiceError where it cannot be one
std::string database_name_from_spec(Fields const& spec, std::string const& default_name);

/// SQL that makes the database.
std::string sql_to_create(DatabaseRecord const& database, std::string const& owner);

}  // namespace lakebase::emulator
