#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/computes.hpp"
#include "engine/fields.hpp"
#include "engine/update_mask.hpp"
#include "postgres/branch.hpp"
#include "postgres/limits.hpp"

namespace lakebase::emulator {

// What requests say of branches, and what is refused.

MaskRules const& branch_mask();
/// The expiration that a request chooses; none: no expiry.
/// @param longest from now to the end
std::optional<TimePoint> read_expiration(Fields const& spec, TimePoint create_time, TimePoint now, Duration longest);
/// Whether the project may have one more branch that is not deleted, and of this kind.
void check_branch_room(ProjectRecord const& project, BranchRecord const& branch, Limits const& limits);
/// A project has few protected branches. @param branch one that may have become protected
void check_protection(ProjectRecord const& project, BranchRecord const& branch, Limits const& limits);
/// The moment of the source that a request chooses; none: now. @throws ServiceError for one that makes no sense
std::optional<Moment> read_moment(Fields const& spec, TimePoint now);
/// Where the restore window of a branch begins.
TimePoint window_of(ProjectRecord const& project, BranchRecord const& branch, TimePoint now);
/// Whether a branch can be copied as of a time. (Of positions in its log the data plane knows.)
/// @param source what it is to a message: `Source branch 'x'`
void require_in_window(std::optional<Moment> const& moment, TimePoint window, std::string_view source);
/// A branch with an expiration must be neither protected nor the default, nor have children.
void check_expiry(ProjectRecord const& project, BranchRecord const& branch);
/// A branch with an expiration cannot have children.
void require_no_expiration(BranchRecord const& source, ResourceName const& name);
/// Whether the branch has children that are not soft-deleted.
bool has_children(ProjectRecord const& project, BranchRecord const& branch);
/// In children of a protected branch, roles that log in with a password get a new one, in the record and by SQL.
/// @param present the roles that PostgreSQL knows: SQL may have dropped some that are resources still
std::vector<std::string> give_new_passwords(BranchRecord& branch, std::set<std::string> const& present);

}  // namespace lakebase::emulator
