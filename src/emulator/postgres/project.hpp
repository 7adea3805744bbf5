#pragma once

#include "postgres/call.hpp"
#include "postgres/views.hpp"

namespace lakebase::emulator {

/// Projects, each with all it comes with.
class Projects {
 public:
  Projects(Workspace& workspace, Views const& views) : workspace_(workspace), views_(views) {}

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  Json list(Query const& query) const;
  Json create(Call const& call);
  Json update(ResourceName const& name, Call const& call);
  Json remove(ResourceName const& name, Call const& call);
  Json undelete(ResourceName const& name);
  /// `GET /api/2.0/permissions/database-projects/{id}`
  Json permissions(std::string const& id) const;

  /// Removes a soft-deleted project for good.
  void purge(ResourceName const& name);

 private:
  Json show(State const& state, ResourceName const& name) const;
  ProjectRecord new_project(State& state, std::string const& id, Call const& call) const;
  BranchRecord production(State& state, ProjectRecord const& project, Call const& call) const;
  Work plan_create(State& state, ProjectRecord project);
  Work plan_soft_delete(State& state, ResourceName const& name);
  Work plan_purge(State& state, ResourceName const& name);
  void fill(ProjectRecord& project);
  void tell_version(ProjectRecord const& project) const;

  Workspace& workspace_;
  Views const& views_;
};

}  // namespace lakebase::emulator
