#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "common/computes.hpp"
#include "common/json.hpp"
#include "common/time.hpp"
#include "engine/errors.hpp"
#include "engine/records.hpp"
#include "postgres/cadence.hpp"
#include "postgres/database.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/kind.hpp"
#include "postgres/role.hpp"

namespace lakebase::emulator {

inline constexpr Kind snapshot_kind{"projects/*/snapshots/*", "Snapshot", "snapshot"};

struct SnapshotRecord {
  std::int64_t sequence = 0;
  std::string id;
  /// The data plane keeps its data like those of a branch with this uid.
  std::string uid;
  /// The name of the branch, which may be gone.
  std::string source_branch;
  /// Branches from it are like children of a protected branch.
  bool of_protected = false;
  /// Taken by the branch's schedule, and not by hand.
  bool by_schedule = false;
  std::optional<TimePoint> expire_time;
  std::optional<std::int64_t> full_size;
  std::optional<std::int64_t> diff_size;
  /// Its data are older than it, and than its roles and databases.
  bool is_past = false;
  TimePoint create_time;
  bool creating = false;
  /// Those of the branch at that moment.
  Records<RoleRecord> roles;
  Records<DatabaseRecord> databases;

  template <class Field>
  static void describe(Field&& field) {
    field("sequence", &SnapshotRecord::sequence);
    field("id", &SnapshotRecord::id);
    field("uid", &SnapshotRecord::uid);
    field("source_branch", &SnapshotRecord::source_branch);
    field("of_protected", &SnapshotRecord::of_protected);
    field("by_schedule", &SnapshotRecord::by_schedule);
    field("expire_time", &SnapshotRecord::expire_time);
    field("full_size", &SnapshotRecord::full_size);
    field("diff_size", &SnapshotRecord::diff_size);
    field("is_past", &SnapshotRecord::is_past);
    field("create_time", &SnapshotRecord::create_time);
    field("creating", &SnapshotRecord::creating);
    field("roles", &SnapshotRecord::roles);
    field("databases", &SnapshotRecord::databases);
  }
};

/// The service documents no bound. This one keeps sums within what a time can hold.
inline constexpr Duration longest_snapshot_life = std::chrono::hours{100 * 365 * 24};

/// Snapshots of a project: resources here, and data directories that no server uses in the data plane. They can be
/// created, also by the schedule of a branch, and deleted, and not be changed.
class Snapshots {
 public:
  static constexpr std::array kinds{&snapshot_kind};

  explicit Snapshots(Workspace& workspace) : workspace_(workspace) {}

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  Json list(ResourceName const& project, Query const& query) const;
  Json create(ResourceName const& project, Call const& call);
  Json remove(ResourceName const& name);

  /// Deletes the snapshots that have expired, and takes those that schedules want.
  void run_due();
  std::optional<TimePoint> next_due() const;

 private:
  Json view(ProjectRecord const& project, SnapshotRecord const& snapshot) const;
  Json show(State const& state, ResourceName const& name) const;
  BranchRecord const& source_of(State const& state, ResourceName const& name, Fields const& spec) const;
  SnapshotRecord snapshot_of(ProjectRecord const& project, BranchRecord const& source) const;
  SnapshotRecord new_snapshot(State const& state, ResourceName const& name, Fields const& spec) const;
  Plan plan_create(State& state, ResourceName const& name, Fields const& spec);
  Plan plan_take(State& state, ResourceName const& project, SnapshotRecord snapshot, std::string source_uid,
                 std::optional<Moment> const& moment);
  Plan plan_scheduled(State& state, ResourceName const& branch, Firing const& firing);
  Plan plan_remove(State& state, ResourceName const& name);
  Json expire(ResourceName const& name);
  Json take_scheduled(ResourceName const& branch);

  Workspace& workspace_;
};

/// A snapshot that is complete. @throws ServiceError not found, for the highest missing parent, or not ready
SnapshotRecord const& ready_snapshot(State const& state, ResourceName const& name);

}  // namespace lakebase::emulator
