#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/computes.hpp"
#include "common/json.hpp"
#include "common/time.hpp"
#include "engine/errors.hpp"
#include "engine/records.hpp"
#include "postgres/cadence.hpp"
#include "postgres/catalog.hpp"
#include "postgres/database.hpp"
#include "postgres/endpoint.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/kind.hpp"
#include "postgres/role.hpp"
#include "postgres/synced_table.hpp"
#include "postgres/table.hpp"

namespace lakebase::emulator {

inline constexpr Kind branch_kind{"projects/*/branches/*", "Branch", "branch"};

struct BranchRecord {
  std::int64_t sequence = 0;
  std::string id;
  std::string uid;
  bool is_protected = false;
  std::optional<TimePoint> expire_time;
  /// Id of the branch from which it was created; empty for a root branch, as are those that come from a snapshot.
  std::string source_branch_id;
  /// The name of the snapshot from which it was created, which may be gone; empty: it was not.
  std::string source_snapshot;
  std::string source_branch_lsn;
  std::optional<TimePoint> source_branch_time;
  TimePoint create_time;
  TimePoint update_time;
  TimePoint state_change_time;
  std::optional<TimePoint> delete_time;
  std::optional<TimePoint> purge_time;
  bool creating = false;
  /// Its data are being replaced.
  bool resetting = false;
  /// When they were replaced last; none: never.
  std::optional<TimePoint> data_time;
  Records<EndpointRecord> endpoints;
  Records<RoleRecord> roles;
  Records<DatabaseRecord> databases;
  std::vector<CadenceRecord> snapshot_schedule;
  /// Its moments up to this one have been seen to.
  TimePoint scheduled_until;
  /// What Unity Catalog knows of it; see registered.hpp.
  Records<CatalogRecord> catalogs;
  Records<SyncedTableRecord> synced_tables;
  Records<TableRecord> tables;

  template <class Field>
  static void describe(Field&& field) {
    field("sequence", &BranchRecord::sequence);
    field("id", &BranchRecord::id);
    field("uid", &BranchRecord::uid);
    field("is_protected", &BranchRecord::is_protected);
    field("expire_time", &BranchRecord::expire_time);
    field("source_branch_id", &BranchRecord::source_branch_id);
    field("source_snapshot", &BranchRecord::source_snapshot);
    field("source_branch_lsn", &BranchRecord::source_branch_lsn);
    field("source_branch_time", &BranchRecord::source_branch_time);
    field("create_time", &BranchRecord::create_time);
    field("update_time", &BranchRecord::update_time);
    field("state_change_time", &BranchRecord::state_change_time);
    field("delete_time", &BranchRecord::delete_time);
    field("purge_time", &BranchRecord::purge_time);
    field("creating", &BranchRecord::creating);
    field("resetting", &BranchRecord::resetting);
    field("data_time", &BranchRecord::data_time);
    field("endpoints", &BranchRecord::endpoints);
    field("roles", &BranchRecord::roles);
    field("databases", &BranchRecord::databases);
    field("snapshot_schedule", &BranchRecord::snapshot_schedule);
    field("scheduled_until", &BranchRecord::scheduled_until);
    field("catalogs", &BranchRecord::catalogs);
    field("synced_tables", &BranchRecord::synced_tables);
    field("tables", &BranchRecord::tables);
  }
};

/// Branches of a project: resources here, and data directories in the data plane.
class Branches {
 public:
  static constexpr std::array kinds{&branch_kind};

  explicit Branches(Workspace& workspace) : workspace_(workspace) {}

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  Json list(ResourceName const& project, Query const& query) const;
  Json create(ResourceName const& project, Call const& call);
  Json update(ResourceName const& name, Call const& call);
  Json remove(ResourceName const& name, Call const& call);
  Json undelete(ResourceName const& name);
  /// The emulator's own: `POST <name>/reset` replaces the data by the parent's as of now.
  Json reset(ResourceName const& name);
  /// The emulator's own: `POST <name>/restore` replaces the data by those of a moment of the branch, or of a snapshot.
  Json restore(ResourceName const& name, Call const& call);

  /// Deletes the branches that have expired, and purges those that were soft-deleted long enough ago.
  void run_due();
  std::optional<TimePoint> next_due() const;

 private:
  Json expire(ResourceName const& name);
  Json purge(ResourceName const& name);
  using Size = std::optional<std::int64_t>;
  Size measured(BranchRecord const& branch) const;
  Json view(ProjectRecord const& project, BranchRecord const& branch, Size size) const;
  void respond_with_size(Plan& plan, ResourceName const& name, BranchRecord const& branch) const;
  Json show(State const& state, ResourceName const& name) const;
  BranchRecord new_branch(State& state, ResourceName const& name, Fields const& spec, Touched const& touched);
  Plan plan_create(State& state, ResourceName const& name, Fields const& spec, Touched const& touched);
  Plan plan_change(State& state, ResourceName const& name, Fields const& spec, Touched const& touched);
  Plan plan_soft_delete(State& state, ResourceName const& name);
  Plan plan_purge(State& state, ResourceName const& name);
  Plan plan_replace(State& state, ResourceName const& name, BranchSource const& source);
  void apply(State const& state, ResourceName const& name, Fields const& spec, Touched const& touched,
             BranchRecord& branch) const;

  Workspace& workspace_;
};

/// How long a soft-deleted resource can be restored.
inline constexpr std::chrono::hours soft_deletion_time{7 * 24};

/// Closes the fronts of a branch's endpoints.
void take_down(Computes& computes, BranchRecord const& branch);
/// Opens them again, at their old addresses if these are free.
void bring_back(Computes& computes, BranchRecord& branch);

ServiceError branch_not_found();

}  // namespace lakebase::emulator
