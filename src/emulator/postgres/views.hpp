#pragma once

#include "postgres/workspace.hpp"

namespace lakebase::emulator {

/// Shows resources as the service does. Works on copies of records: what the data plane knows is asked for without the
/// state's lock.
class Views {
 public:
  explicit Views(Workspace const& workspace) : workspace_(workspace) {}

  Json project(ProjectRecord const& project) const;
  Json branch(ProjectRecord const& project, BranchRecord const& branch) const;
  Json endpoint(ProjectRecord const& project, BranchRecord const& branch, EndpointRecord const& endpoint) const;
  Json compute_instance(ProjectRecord const& project, BranchRecord const& branch, EndpointRecord const& endpoint) const;
  Json role(ProjectRecord const& project, BranchRecord const& branch, RoleRecord const& role) const;
  Json database(ProjectRecord const& project, BranchRecord const& branch, DatabaseRecord const& database) const;

  static std::string compute_instance_id(EndpointRecord const& endpoint);
  /// The endpoint's compute; none before it has one.
  std::optional<ComputeStatus> status(EndpointRecord const& endpoint) const;

 private:
  std::string endpoint_state(EndpointRecord const& endpoint, std::optional<ComputeStatus> const& status) const;
  std::optional<TimePoint> last_active(ProjectRecord const& project) const;

  Workspace const& workspace_;
};

/// A number of compute units: whole ones without a fraction.
Json cu_json(double cu);

}  // namespace lakebase::emulator
