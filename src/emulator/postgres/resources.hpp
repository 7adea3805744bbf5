#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "engine/operations.hpp"
#include "engine/records.hpp"
#include "postgres/branch.hpp"
#include "postgres/database.hpp"
#include "postgres/endpoint.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/project.hpp"
#include "postgres/role.hpp"

// The table of the resources: a new one, which is a pair of files, gets its place in what stands here.
namespace lakebase::emulator {

/// The kinds of resources that the emulator keeps.
enum class Kind { project, branch, endpoint, compute_instance, database, role };

/// What a kind is called: as a collection in names, as in the service's type names, and as in the names of fields.
struct KindWords {
  std::string_view collection, type, field;
  /// Of the resource that it belongs to.
  std::optional<Kind> parent;
};
/// In the order of the kinds.
inline constexpr KindWords words_of_kinds[] = {
    {"projects", "Project", "project", std::nullopt},
    {"branches", "Branch", "branch", Kind::project},
    {"endpoints", "Endpoint", "endpoint", Kind::branch},
    {"compute-instances", "ComputeInstance", "compute_instance", Kind::endpoint},
    {"databases", "Database", "database", Kind::branch},
    {"roles", "Role", "role", Kind::branch}};

/// What the control plane knows. Each resource's record, in its own header, lists in `describe` what is kept of it. One
/// that belongs to another stands in that one's record, and goes with it; or here, and then its resource sees to that.
struct State {
  std::int64_t last_sequence = 0;
  Records<ProjectRecord> projects;
  Operations operations;
  /// Those that failed so far; see cleanup.hpp. An older name stands in the file.
  std::vector<Json> cleanups;
  /// Which projects an operation runs on, or on something in them. Not kept.
  Locks locks;

  template <class Field>
  static void describe(Field&& field) {
    field("last_sequence", &State::last_sequence);
    field("projects", &State::projects);
    field("operations", &State::operations);
    field("chores", &State::cleanups);
  }
};

/// Creation order, which lists follow and page tokens remember.
inline std::int64_t next_sequence(State& state) {
  return ++state.last_sequence;
}

/// Resources over one workspace.
template <class... Each>
class ResourceTable : private Each... {
 public:
  explicit ResourceTable(Workspace& workspace) : Each(workspace)... {}
  ResourceTable(ResourceTable const&) = delete;
  ResourceTable& operator=(ResourceTable const&) = delete;

  void routes(Router& router) { (Each::routes(router), ...); }
  /// Does what is due with time, of those that have something of the kind.
  void sweep() { (sweep_one<Each>(), ...); }
  template <class One>
  One& get() {
    return *this;
  }

 private:
  template <class One>
  void sweep_one() {
    if constexpr (requires(One & one) { one.sweep(); }) One::sweep();
  }
};

/// All of them, each with its routes.
using Resources = ResourceTable<Projects,   //
                                Branches,   //
                                Endpoints,  //
                                Databases,  //
                                Roles>;

}  // namespace lakebase::emulator
