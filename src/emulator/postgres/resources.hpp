#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/json.hpp"
#include "engine/operations.hpp"
#include "engine/records.hpp"
#include "postgres/branch.hpp"
#include "postgres/catalog.hpp"
#include "postgres/cdf_config.hpp"
#include "postgres/cdf_status.hpp"
#include "postgres/data_api.hpp"
#include "postgres/database.hpp"
#include "postgres/endpoint.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/project.hpp"
#include "postgres/resource_names.hpp"
#include "postgres/role.hpp"
#include "postgres/snapshot.hpp"
#include "postgres/snapshot_schedule.hpp"
#include "postgres/synced_table.hpp"
#include "postgres/table.hpp"

// The table of the resources, and the state. A new resource, which is a pair of files, is entered in the table, and its
// record in the record or the state that holds it.
namespace lakebase::emulator {

/// The state of the control plane. Each resource's record, in its own header, lists in `describe` what is saved of it.
/// A resource that belongs to another is in that one's record, and is removed with it: only projects are here.
struct State {
  std::int64_t last_sequence = 0;
  Records<ProjectRecord> projects;
  Operations operations;
  /// Those that failed so far; see cleanup.hpp. In the file they have an older name.
  std::vector<Json> cleanups;
  /// Which projects an operation runs on, or on something in them. Not saved.
  Locks locks;

  template <class Field>
  static void describe(Field&& field) {
    field("last_sequence", &State::last_sequence);
    field("projects", &State::projects);
    field("operations", &State::operations);
    field("chores", &State::cleanups);
  }
};

/// The next number in the order of creation, by which lists are sorted and page tokens work.
inline std::int64_t next_sequence(State& state) {
  return ++state.last_sequence;
}

/// Replaces a time by one that is sooner.
inline void take_sooner(std::optional<TimePoint>& soonest, std::optional<TimePoint> const& time) {
  if (time && (!soonest || *time < *soonest)) soonest = time;
}

/// Resources over one workspace.
template <class... Each>
class ResourceTable : private Each... {
 public:
  explicit ResourceTable(Workspace& workspace) : Each(workspace)... {}
  ResourceTable(ResourceTable const&) = delete;
  ResourceTable& operator=(ResourceTable const&) = delete;

  /// All kinds of resources.
  static constexpr auto kinds() {
    std::array<Kind const*, (Each::kinds.size() + ...)> all{};
    auto end = all.begin();
    ((end = std::copy(Each::kinds.begin(), Each::kinds.end(), end)), ...);
    return all;
  }

  void routes(Router& router) { (Each::routes(router), ...); }
  /// Removes a resource that is gone in PostgreSQL from the state, by `erase` of its class.
  static void erase(State& state, ResourceName const& name, Json const& removal) {
    (erase_by<Each>(state, name, removal), ...);
  }
  /// When the first of the resources has something to do; none: nothing will become due.
  std::optional<TimePoint> next_due() const {
    std::optional<TimePoint> soonest;
    (note_due<Each>(soonest), ...);
    return soonest;
  }
  /// Starts what is due by `run_due` of those resources that have it, with `next_due`.
  void run_due() { (run_due_of<Each>(), ...); }
  template <class One>
  One& get() {
    return *this;
  }

 private:
  template <class One>
  static void erase_by(State& state, ResourceName const& name, Json const& removal) {
    if constexpr (requires { One::erase(state, name, removal); }) {
      auto const is_its_kind = [&](Kind const* kind) { return name.is(*kind); };
      if (std::any_of(One::kinds.begin(), One::kinds.end(), is_its_kind)) One::erase(state, name, removal);
    }
  }
  template <class One>
  void note_due(std::optional<TimePoint>& soonest) const {
    if constexpr (requires(One const& one) { one.next_due(); }) take_sooner(soonest, One::next_due());
  }
  template <class One>
  void run_due_of() {
    if constexpr (requires(One & one) { one.run_due(); }) One::run_due();
  }
};

/// All resources with routes.
using Resources =
    ResourceTable<Projects,   //
                  Branches,   //
                  Endpoints,  //
                  Databases,  //
                  Roles,      //
                  Catalogs, SyncedTables, Tables, CdfConfigs, CdfStatuses, DataApis, Snapshots, SnapshotSchedules>;

}  // namespace lakebase::emulator
