#pragma once

#include <optional>
#include <string>

#include "postgres/registered.hpp"

namespace lakebase::emulator {

// What Unity Catalog knows of a database instance.

/// Makes a ServiceError NOT_FOUND: `database catalog with name 'x' not found`.
ServiceError no_such(std::string_view what, std::string_view name);

/// The branch of the instance that the field `database_instance_name` names; none if it is not set. @throws
/// ServiceError if there is none, or it does not run, or the request names a project instead
std::optional<ResourceName> instance_branch_in(State const& state, Fields const& body);

/// A record that the branch of an instance holds. @throws ServiceError for one of a project, too
template <class Record>
Held<Record> held_by_instance(State const& state, Records<Record> BranchRecord::*member, std::string_view what,
                              std::string_view name) {
  auto const held = find_held(state, member, name);
  if (held.record == nullptr || !live_project(state, held.branch.project()).instance) throw no_such(what, name);
  return held;
}

/// The instance whose branch it is.
std::string const& instance_of(State const& state, ResourceName const& branch);
/// `name`, if it is `catalog.schema.table`. @throws ServiceError
std::string table_name_in(Fields const& body);

}  // namespace lakebase::emulator
