#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "engine/operations.hpp"
#include "engine/records.hpp"
#include "postgres/branch.hpp"
#include "postgres/database.hpp"
#include "postgres/endpoint.hpp"
#include "postgres/forward.hpp"
#include "postgres/project.hpp"
#include "postgres/role.hpp"

// The table of the resources: a new one, which is a pair of files, gets its place in what stands here.
namespace lakebase::emulator {

/// The kinds of resources that the emulator keeps.
enum class Kind { project, branch, endpoint, compute_instance, database, role };

/// What a kind is called: as a collection in names, as in the service's type names, and as in the names of fields. In
/// the order of the kinds.
struct KindWords {
  std::string_view collection, type, field;
  /// Stands right below a branch.
  bool is_of_branch = false;
};
inline constexpr KindWords words_of_kinds[] = {
    {"projects", "Project", "project"},          {"branches", "Branch", "branch"},
    {"endpoints", "Endpoint", "endpoint", true}, {"compute-instances", "ComputeInstance", "compute_instance"},
    {"databases", "Database", "database", true}, {"roles", "Role", "role", true}};

/// What the control plane knows. Each resource's record, in its own header, lists in `describe` what is kept of it; one
/// that belongs to a branch can stand in the branch's, or here under its whole name.
struct State {
  std::int64_t last_sequence = 0;
  Records<ProjectRecord> projects;
  Operations operations;
  /// What could not be done so far: each a `ChoreRecord`.
  std::vector<Json> chores;
  /// Which projects an operation runs on, or on something in them. Not kept.
  Locks locks;

  template <class Field>
  static void describe(Field&& field) {
    field("last_sequence", &State::last_sequence);
    field("projects", &State::projects);
    field("operations", &State::operations);
    field("chores", &State::chores);
  }
};

/// Creation order, which lists follow and page tokens remember.
inline std::int64_t next_sequence(State& state) {
  return ++state.last_sequence;
}

/// The element with this id, or null.
template <class Record>
Record* find_by_id(Records<Record>& records, std::string_view id) {
  return records.find(id);
}
template <class Record>
Record const* find_by_id(Records<Record> const& records, std::string_view id) {
  return records.find(id);
}

template <class Record>
void erase_by_id(Records<Record>& records, std::string_view id) {
  records.erase(id);
}

/// Resources over one workspace.
template <class... Each>
class ResourceTable : private Each... {
 public:
  explicit ResourceTable(Workspace& workspace) : Each(workspace)... {}
  ResourceTable(ResourceTable const&) = delete;
  ResourceTable& operator=(ResourceTable const&) = delete;

  void routes(Router& router) { (Each::routes(router), ...); }
  template <class One>
  One& get() {
    return *this;
  }
};

/// All of them, each with its routes.
using Resources = ResourceTable<Projects,   //
                                Branches,   //
                                Endpoints,  //
                                Databases,  //
                                Roles>;

}  // namespace lakebase::emulator
