#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "postgres/workspace.hpp"

namespace lakebase::emulator {

// What is registered in Unity Catalog: catalogs, synced tables and tables. Its names are at the root; its records are
// in the record of the branch that it refers to, and go with that.

/// A record and the branch that holds it.
template <class Record>
struct Held {
  ResourceName branch;
  /// Null: there is none. Valid until the state changes.
  Record const* record = nullptr;
};

/// The record of this id that some branch holds.
template <class Record>
Held<Record> find_held(State const& state, Records<Record> BranchRecord::*member, std::string_view id) {
  for (auto const& project : state.projects) {
    for (auto const& branch : project.branches) {
      if (auto const* const found = (branch.*member).find(id)) return {branch_name(project.id, branch.id), found};
    }
  }
  return {};
}

/// The name by which its API knows what holds something: of a branch, or of a database instance.
std::string holder_name(State const& state, ResourceName const& branch);

/// Removes all that is registered of a branch that is being deleted, softly too: it does not come back with the branch.
void unregister_all(BranchRecord& branch);

/// The plan of an operation on something that this branch holds, with the lock of the branch's project.
Plan plan_for_held(State const& state, ResourceName const& name, ResourceName const& branch);

/// The plan that a record which this branch holds is made by: it is entered as being created, ready at the end, and
/// gone if the operation fails.
template <class Record>
Plan plan_create_held(State const& state, ResourceName const& name, ResourceName const& branch,
                      Records<Record> BranchRecord::*member) {
  auto plan = plan_for_held(state, name, branch);
  plan.commit = [branch, member, id = name.id()](State& now) {
    (live_branch(now, branch).*member).find(id)->creating = false;
  };
  plan.rollback = [branch, member, id = name.id()](State& now) { (live_branch(now, branch).*member).erase(id); };
  return plan;
}

/// The plan that only takes a record away which this branch holds.
template <class Record>
Plan plan_remove_held(State const& state, ResourceName const& name, ResourceName const& branch,
                      Records<Record> BranchRecord::*member) {
  auto plan = plan_for_held(state, name, branch);
  plan.commit = [branch, member, id = name.id()](State& now) { (live_branch(now, branch).*member).erase(id); };
  return plan;
}

/// The branch that the field `branch` names; none if it is not set. @throws ServiceError for another name
std::optional<ResourceName> branch_in(Fields const& spec);

/// `catalog.schema.table`
struct UnityTableName {
  std::string catalog, schema, table;
};
/// None if there are not exactly three parts, or one of them is empty.
std::optional<UnityTableName> parse_table_name(std::string_view name);
/// @throws ServiceError if there is a table or synced table of this name
void require_free_table_name(State const& state, std::string_view id);

}  // namespace lakebase::emulator
