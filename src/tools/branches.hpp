#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/pq/connect.hpp>
#include <lakebase/pq/schema_diff.hpp>
#include <lakebase/wait_options.hpp>
#include <lakebase/workspace_client.hpp>

namespace lakebase::tools {

/// A branch in the tree of its project.
struct BranchNode {
  postgres::Branch branch{};
  std::size_t depth = 0;
  /// What is drawn before its id: `│  └─ `, or in ASCII `|  +- `.
  std::string lines{};
};

/// Branches as a tree: each behind the one that it was made from, and those of one parent by their ids. One whose
/// parent is not among them is a root.
std::vector<BranchNode> branch_tree(std::vector<postgres::Branch> branches, bool with_ascii_lines);

/// `1.5 GB`; units are of 1000.
std::string size_text(std::int64_t bytes);

/// A span as people say it, by its largest unit: `45 s`, `3 h`, `12 d`.
std::string span_text(std::chrono::seconds span);

/// A name that the service takes for a branch: `Feature/Login` as `feature-login-…`. A valid one stays.
/// @throws InvalidArgument for an empty one
std::string valid_branch_id(std::string_view name);

/// What a branch is made of.
struct NewBranch {
  /// Full name; empty: the project's default branch.
  std::string source{};
  /// A time or a position of the log; empty: now.
  std::string moment{};
  /// Unset: it stays until it is deleted.
  std::optional<Duration> ttl{};
};

/// The request that makes such a branch.
/// @throws InvalidArgument for a moment that is neither a time nor a position
postgres::Branch request_of(NewBranch const& wanted);

/// Looks at a branch that is to be reset, and at what hinders that.
/// @throws InvalidArgument for one that has no parent, is protected, is the default branch or has children; what calls
///         throw
postgres::Branch check_reset(WorkspaceClient const& client, std::string_view name);

/// Deletes a branch for good and makes it anew from its parent's newest state, with the expiry that it had, for the API
/// has no reset. `branch` is what `check_reset` returned; `begins` is told of each of the two steps.
/// @throws Error; if the branch is gone and could not be made, its message says so
postgres::Branch reset_branch(WorkspaceClient const& client, postgres::Branch const& branch, WaitOptions const& wait,
                              std::function<void(std::string_view step)> const& begins = {});

/// The full name of the branch that a branch was made from.
/// @throws InvalidArgument if it is a root
std::string parent_of(WorkspaceClient const& client, std::string_view name);

/// What differs from the schema of one target to that of another; see `pq::diff_schemas`.
pq::SchemaDiff diff_targets(WorkspaceClient const& client, std::string_view before, std::string_view after,
                            pq::SourceOptions const& source = {}, pq::ConnectOptions const& connect = {});

}  // namespace lakebase::tools
