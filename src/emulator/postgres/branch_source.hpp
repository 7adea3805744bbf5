#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/computes.hpp"
#include "engine/records.hpp"
#include "postgres/database.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/role.hpp"

namespace lakebase::emulator {

/// What a new branch is a copy of: another branch, or a snapshot.
struct BranchSource {
  /// By which the data plane knows it.
  std::string uid;
  bool is_protected = false;
  /// Empty: it is a snapshot.
  std::string branch_id;
  /// The name of the snapshot.
  std::string snapshot;
  Records<RoleRecord> roles;
  Records<DatabaseRecord> databases;
  /// None: it is copied as of now.
  std::optional<Moment> moment{};
  /// The data may be older than roles and databases, so that some of these are not in there.
  bool is_past = false;
};

/// The resource that a field of a spec names. @throws ServiceError if it is none of this kind in the project
ResourceName name_in_project(Fields const& spec, std::string_view field, Kind const& kind, std::string const& project);
/// A branch that can be copied. @throws ServiceError if it is still being created
BranchRecord const& ready_branch(State const& state, ResourceName const& name);

/// The source that a request chooses: without a choice, the default branch. @throws ServiceError
BranchSource source_of(State const& state, ResourceName const& branch, Fields const& spec, TimePoint now);
/// A snapshot as the source. @throws ServiceError
BranchSource snapshot_source(State const& state, ResourceName const& snapshot);
/// A branch at a moment as the source. @throws ServiceError if it is not inside the restore window
BranchSource branch_source(State const& state, ResourceName const& branch, std::optional<Moment> const& moment,
                           TimePoint now);

/// A branch at a moment that was looked at.
BranchSource source_of_branch(BranchRecord const& branch, std::optional<Moment> const& moment);

/// Gives a new branch the roles and databases of its source.
void inherit(BranchSource const& source, BranchRecord& branch);
/// Creates a new branch in the data plane, and enters the outcome into the record.
void fill_copy(Workspace& workspace, BranchSource const& source, BranchRecord& branch);

}  // namespace lakebase::emulator
