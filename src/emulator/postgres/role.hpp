#pragma once

#include "postgres/call.hpp"
#include "postgres/views.hpp"

namespace lakebase::emulator {

/// Roles of a branch: resources here, and roles in PostgreSQL.
class Roles {
 public:
  Roles(Workspace& workspace, Views const& views) : workspace_(workspace), views_(views) {}

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  Json list(ResourceName const& branch, Query const& query) const;
  Json create(ResourceName const& branch, Call const& call);
  Json update(ResourceName const& name, Call const& call);
  Json remove(ResourceName const& name, Call const& call);

 private:
  Json show(State const& state, ResourceName const& name) const;
  RoleRecord new_role(std::string const& id, Call const& call) const;
  Work plan_create(State& state, ResourceName const& branch, RoleRecord role);
  Work plan_change(State& state, ResourceName const& name, RoleRecord wanted);
  void drop(std::string const& branch_uid, std::string const& role, std::string const& new_owner);

  Workspace& workspace_;
  Views const& views_;
};

/// A role that a new project's owner has, or what `initial_role_spec` makes of it. `message` is the spec.
RoleRecord role_from_spec(WorkspaceOptions const& options, Fields const& message, std::string const& default_name);
/// The caller's own role: a databricks_superuser with all attributes.
RoleRecord role_of_caller(Identity const& caller);
/// The id that the service gives to a role that it makes itself.
std::string id_for_role(RoleRecord const& role);

/// Takes a role out of the state; what it owned is the heir's, where there is one.
void erase_role(BranchRecord& branch, std::string const& role_id, std::string const& heir);

/// SQL that makes the role, its memberships included.
std::vector<std::string> sql_to_create(RoleRecord const& role);

}  // namespace lakebase::emulator
