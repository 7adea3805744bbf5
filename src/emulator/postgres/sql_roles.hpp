#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "common/time.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/resource_names.hpp"
#include "postgres/role.hpp"

namespace lakebase::emulator {

/// Keeps the roles of a branch that are resources in step with those that SQL has made of identities, by
/// `databricks_create_role`, or dropped. Thread-safe.
class SqlRoles {
 public:
  explicit SqlRoles(Workspace& workspace) : workspace_(workspace) {}

  /// Looks into PostgreSQL, unless its server has slept since the last look. A failure goes to the log.
  void look(ResourceName const& branch);
  /// The same for the branch of an endpoint, by its uid.
  void look_at(std::string const& endpoint_uid);

 private:
  bool has_slept_since(BranchRecord const& branch) const;
  void note_look(BranchRecord const& branch);
  void find(ResourceName const& name, BranchRecord const& branch);
  void enter(State& state, ResourceName const& name, BranchRecord const& before, std::vector<RoleRecord> found) const;

  Workspace& workspace_;
  mutable std::mutex mutex_;
  /// When the compute was last used when it was last looked at, by the branch's uid.
  std::map<std::string, TimePoint> looks_;
};

}  // namespace lakebase::emulator
