#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/enum.hpp>
#include <lakebase/operation.hpp>
#include <lakebase/postgres/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// What a branch is doing.
enum class BranchStatusState {
  archived,   ///< Moved to cheaper storage after a time without use; restored when it is used.
  deleted,    ///< Soft-deleted; `undelete_branch` brings it back until its `purge_time`.
  importing,  ///< Data is being imported.
  init,       ///< Being created.
  ready,      ///< Usable.
  resetting,  ///< Being replaced by its parent's newest state.
  unrecognized,
};
constexpr std::array<std::string_view, 6> enum_names(BranchStatusState) {
  return {"ARCHIVED", "DELETED", "IMPORTING", "INIT", "READY", "RESETTING"};
}

/// Desired state of a branch.
///
/// Creating a branch requires a choice of expiration: exactly one of `ttl`, `expire_time` and `no_expiry`. In an update
/// mask that choice is named `spec.expiration`. The `source_*` members apply at creation only.
struct BranchSpec {
  /// When the branch is deleted with all it holds, at most 30 days ahead. Excludes `ttl` and `no_expiry`.
  std::optional<Timestamp> expire_time{};
  /// Refuse to delete, reset, archive or expire the branch. Default false; one branch of a project can be protected.
  std::optional<bool> is_protected{};
  /// Keep the branch until it is deleted explicitly. Only true can be sent. Excludes `ttl` and `expire_time`.
  std::optional<bool> no_expiry{};
  /// Full name of the branch to start from, of the same project. Default: the project's default branch.
  std::optional<std::string> source_branch{};
  /// Start from the source as of this log position (`0/1A2B3C`), inside its restore window. Excludes
  /// `source_branch_time`.
  std::optional<std::string> source_branch_lsn{};
  /// Start from the source as of this time, inside its restore window. Excludes `source_branch_lsn`.
  std::optional<Timestamp> source_branch_time{};
  /// Full name of a snapshot of the same project to start from. Excludes the other three sources.
  std::optional<std::string> source_snapshot{};
  /// Delete the branch this long after its creation, at most 30 days. Excludes `expire_time` and `no_expiry`.
  std::optional<Duration> ttl{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("expire_time", &BranchSpec::expire_time);
    field("is_protected", &BranchSpec::is_protected);
    field("no_expiry", &BranchSpec::no_expiry);
    field("source_branch", &BranchSpec::source_branch);
    field("source_branch_lsn", &BranchSpec::source_branch_lsn);
    field("source_branch_time", &BranchSpec::source_branch_time);
    field("source_snapshot", &BranchSpec::source_snapshot);
    field("ttl", &BranchSpec::ttl);
  }
  /// What a mask calls a member, for `set_fields`: the name of its group of alternatives, or nothing if no update can
  /// change it.
  static constexpr std::string_view mask_name(std::string_view member) {
    if (member == "expire_time" || member == "no_expiry" || member == "ttl") return "expiration";
    return member.starts_with("source_") ? "" : member;
  }
  friend bool operator==(BranchSpec const&, BranchSpec const&) = default;
};

/// Observed state of a branch. Set by the service.
struct BranchStatus {
  /// Last part of the name.
  std::optional<std::string> branch_id{};
  /// What it is doing.
  std::optional<Enum<BranchStatusState>> current_state{};
  /// Whether this is the project's default branch. (`default` on the wire.)
  std::optional<bool> default_{};
  /// When it was soft-deleted.
  std::optional<Timestamp> delete_time{};
  /// When it will be deleted; unset for a branch without expiry.
  std::optional<Timestamp> expire_time{};
  /// Whether it refuses to be deleted, reset, archived or to expire.
  std::optional<bool> is_protected{};
  /// Bytes of data, as PostgreSQL counts them. Unset on a young branch.
  std::optional<std::int64_t> logical_size_bytes{};
  /// The state that it is changing to; unset if it is not changing.
  std::optional<Enum<BranchStatusState>> pending_state{};
  /// When a soft-deleted branch is deleted for good.
  std::optional<Timestamp> purge_time{};
  /// Full name of the branch it was made from; unset on a root branch.
  std::optional<std::string> source_branch{};
  /// Log position of the source at which it was made.
  std::optional<std::string> source_branch_lsn{};
  /// Time of the source at which it was made.
  std::optional<Timestamp> source_branch_time{};
  /// Recovery branch it was made from.
  std::optional<std::string> source_recovery_branch{};
  /// Snapshot it was made from.
  std::optional<std::string> source_snapshot{};
  /// When `current_state` was reached.
  std::optional<Timestamp> state_change_time{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("branch_id", &BranchStatus::branch_id);
    field("current_state", &BranchStatus::current_state);
    field("default", &BranchStatus::default_);
    field("delete_time", &BranchStatus::delete_time);
    field("expire_time", &BranchStatus::expire_time);
    field("is_protected", &BranchStatus::is_protected);
    field("logical_size_bytes", &BranchStatus::logical_size_bytes);
    field("pending_state", &BranchStatus::pending_state);
    field("purge_time", &BranchStatus::purge_time);
    field("source_branch", &BranchStatus::source_branch);
    field("source_branch_lsn", &BranchStatus::source_branch_lsn);
    field("source_branch_time", &BranchStatus::source_branch_time);
    field("source_recovery_branch", &BranchStatus::source_recovery_branch);
    field("source_snapshot", &BranchStatus::source_snapshot);
    field("state_change_time", &BranchStatus::state_change_time);
  }
  friend bool operator==(BranchStatus const&, BranchStatus const&) = default;
};

/// A branch of a project: its own data, schema, roles and databases, started as a copy of another branch's.
struct Branch {
  /// Last part of the name. Set by the service.
  std::optional<std::string> branch_id{};
  /// Set by the service.
  std::optional<Timestamp> create_time{};
  /// `projects/{project_id}/branches/{branch_id}`. Set by the service.
  std::optional<std::string> name{};
  /// `projects/{project_id}`. Set by the service.
  std::optional<std::string> parent{};
  /// Sent in requests; the service responds with `status` instead.
  std::optional<BranchSpec> spec{};
  /// Set by the service.
  std::optional<BranchStatus> status{};
  /// Unique across all time, e.g. `br-quiet-lake-1a2b3c4d`. Set by the service.
  std::optional<std::string> uid{};
  /// Set by the service.
  std::optional<Timestamp> update_time{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("branch_id", &Branch::branch_id);
    field("create_time", &Branch::create_time);
    field("name", &Branch::name);
    field("parent", &Branch::parent);
    field("spec", &Branch::spec);
    field("status", &Branch::status);
    field("uid", &Branch::uid);
    field("update_time", &Branch::update_time);
  }
  friend bool operator==(Branch const&, Branch const&) = default;
};

/// Metadata of an operation on a branch: empty so far.
struct BranchOperationMetadata {
  template <class Field>
  static constexpr void describe(Field&&) {}
  friend bool operator==(BranchOperationMetadata const&, BranchOperationMetadata const&) = default;
};

/// One page of `list_branches`, as the API sends it.
struct ListBranchesResponse {
  /// The branches of the page.
  std::vector<Branch> branches{};
  /// Empty on the last page.
  std::optional<std::string> next_page_token{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("branches", &ListBranchesResponse::branches);
    field("next_page_token", &ListBranchesResponse::next_page_token);
  }
  friend bool operator==(ListBranchesResponse const&, ListBranchesResponse const&) = default;
};

/// Options of `create_branch`.
struct CreateBranchOptions {
  /// Update the branch in place if it exists, instead of failing. Meant for branches that the service made itself, such
  /// as `production`.
  std::optional<bool> replace_existing{};
};

/// Options of `delete_branch`.
struct DeleteBranchOptions {
  /// Succeed if there is no such branch.
  std::optional<bool> allow_missing{};
  /// Delete for good instead of softly.
  std::optional<bool> purge{};
};

/// Options of `list_branches`.
struct ListBranchesOptions {
  /// Maximum number of items on one page; the service may send fewer.
  std::optional<std::int64_t> page_size{};
  /// Starts at the page of this token instead of at the first.
  std::optional<std::string> page_token{};
  /// Include soft-deleted branches.
  std::optional<bool> show_deleted{};
};

/// What `create_branch` returns.
using CreateBranchOperation = lakebase::Operation<Branch, BranchOperationMetadata>;
/// What `update_branch` returns.
using UpdateBranchOperation = lakebase::Operation<Branch, BranchOperationMetadata>;
/// What `delete_branch` returns.
using DeleteBranchOperation = lakebase::Operation<void, BranchOperationMetadata>;
/// What `undelete_branch` returns.
using UndeleteBranchOperation = lakebase::Operation<void, BranchOperationMetadata>;

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
