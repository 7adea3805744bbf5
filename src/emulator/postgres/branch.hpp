#pragma once

#include "postgres/call.hpp"
#include "postgres/views.hpp"

namespace lakebase::emulator {

/// Branches of a project: resources here, and data directories in the data plane.
class Branches {
 public:
  Branches(Workspace& workspace, Views const& views) : workspace_(workspace), views_(views) {}

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  Json list(ResourceName const& project, Query const& query) const;
  Json create(ResourceName const& project, Call const& call);
  Json update(ResourceName const& name, Call const& call);
  Json remove(ResourceName const& name, Call const& call);
  Json undelete(ResourceName const& name);

  /// Deletes a branch whose time is up; nothing where its project is busy.
  void expire(ResourceName const& name);
  /// Removes a soft-deleted branch for good.
  void purge(ResourceName const& name);

 private:
  Json show(State const& state, ResourceName const& name) const;
  BranchRecord const& source_of(State const& state, ResourceName const& name, Fields const& spec) const;
  BranchRecord new_branch(State& state, ResourceName const& name, Fields const& spec, Touched const& touched);
  Work plan_create(State& state, ResourceName const& name, Fields const& spec, Touched const& touched);
  Work plan_change(State& state, ResourceName const& name, Fields const& spec, Touched const& touched);
  Work plan_soft_delete(State& state, ResourceName const& name);
  Work plan_purge(State& state, ResourceName const& name);
  void fill(BranchRecord const& source, BranchRecord& branch);
  void apply(State const& state, ResourceName const& name, Fields const& spec, Touched const& touched,
             BranchRecord& branch) const;
  void check_expiry(ProjectRecord const& project, BranchRecord const& branch) const;

  Workspace& workspace_;
  Views const& views_;
};

/// How long what is soft-deleted can be brought back.
inline constexpr std::chrono::hours soft_deletion_time{7 * 24};

/// Closes the fronts of a branch's endpoints.
void take_down(Computes& computes, BranchRecord const& branch);
/// Opens them again, at their old addresses where these are free.
void bring_back(Computes& computes, BranchRecord& branch);

}  // namespace lakebase::emulator
