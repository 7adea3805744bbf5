#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/enum.hpp>
#include <lakebase/operation.hpp>
#include <lakebase/postgres/branch.hpp>
#include <lakebase/postgres/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// State of the reconciliation of a recovery branch.
enum class RecoveryBranchPreviewStatusState {
  pending_home_sync,     ///< Waits for its home workspace.
  ready_for_inspection,  ///< Can be inspected.
  reconciled,            ///< Reconciled: it can be deleted.
  unrecognized,
};
constexpr std::array<std::string_view, 3> enum_names(RecoveryBranchPreviewStatusState) {
  return {"PENDING_HOME_SYNC", "READY_FOR_INSPECTION", "RECONCILED"};
}

/// Observed state of a recovery branch. Set by the service.
struct RecoveryBranchPreviewStatus {
  /// How far its reconciliation has come.
  std::optional<Enum<RecoveryBranchPreviewStatusState>> current_state{};
  /// Whether it holds changes that the branch which took over does not have.
  std::optional<bool> divergent{};
  /// Log position up to which it holds data.
  std::optional<std::string> end_lsn{};
  /// When it will be deleted.
  std::optional<Timestamp> expire_time{};
  /// Log position at which the branch that took over was made from it.
  std::optional<std::string> failover_child_lsn{};
  /// The workspace that has the branch of origin, where reconciliation ends.
  std::optional<std::string> home_workspace{};
  /// Whether its home is another workspace than this.
  std::optional<bool> is_foreign{};
  /// Full name of the branch that it came from.
  std::optional<std::string> origin_branch{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("current_state", &RecoveryBranchPreviewStatus::current_state);
    field("divergent", &RecoveryBranchPreviewStatus::divergent);
    field("end_lsn", &RecoveryBranchPreviewStatus::end_lsn);
    field("expire_time", &RecoveryBranchPreviewStatus::expire_time);
    field("failover_child_lsn", &RecoveryBranchPreviewStatus::failover_child_lsn);
    field("home_workspace", &RecoveryBranchPreviewStatus::home_workspace);
    field("is_foreign", &RecoveryBranchPreviewStatus::is_foreign);
    field("origin_branch", &RecoveryBranchPreviewStatus::origin_branch);
  }
  friend bool operator==(RecoveryBranchPreviewStatus const&, RecoveryBranchPreviewStatus const&) = default;
};

/// What a failover has left of a branch, kept until its changes are reconciled. Created by the service. Private
/// preview: it can change or go without notice.
struct RecoveryBranchPreview {
  /// Set by the service.
  std::optional<Timestamp> create_time{};
  /// `projects/{project_id}/preview/recovery-branches/{recovery_branch_id}`. Set by the service.
  std::optional<std::string> name{};
  /// `projects/{project_id}`. Set by the service.
  std::optional<std::string> parent{};
  /// Set by the service.
  std::optional<RecoveryBranchPreviewStatus> status{};
  /// Unique across all time. Set by the service.
  std::optional<std::string> uid{};
  /// Set by the service.
  std::optional<Timestamp> update_time{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("create_time", &RecoveryBranchPreview::create_time);
    field("name", &RecoveryBranchPreview::name);
    field("parent", &RecoveryBranchPreview::parent);
    field("status", &RecoveryBranchPreview::status);
    field("uid", &RecoveryBranchPreview::uid);
    field("update_time", &RecoveryBranchPreview::update_time);
  }
  friend bool operator==(RecoveryBranchPreview const&, RecoveryBranchPreview const&) = default;
};

/// One page of `list_recovery_branch_previews`, as the API sends it.
struct ListRecoveryBranchPreviewsResponse {
  /// Empty on the last page.
  std::optional<std::string> next_page_token{};
  /// In no documented order.
  std::vector<RecoveryBranchPreview> recovery_branch_previews{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("next_page_token", &ListRecoveryBranchPreviewsResponse::next_page_token);
    field("recovery_branch_previews", &ListRecoveryBranchPreviewsResponse::recovery_branch_previews);
  }
  friend bool operator==(ListRecoveryBranchPreviewsResponse const&,
                         ListRecoveryBranchPreviewsResponse const&) = default;
};

/// Options of `delete_recovery_branch_preview`.
struct DeleteRecoveryBranchPreviewOptions {
  /// Id of this call, by which the service recognizes a repeat. Unset or empty: a new random UUID.
  std::optional<std::string> request_id{};
};

/// Options of `inspect_recovery_branch_preview`.
struct InspectRecoveryBranchPreviewOptions {
  /// Id of this call, by which the service recognizes a repeat. Unset or empty: a new random UUID.
  std::optional<std::string> request_id{};
};

/// Options of `list_recovery_branch_previews`.
struct ListRecoveryBranchPreviewsOptions {
  /// Maximum number of items on one page; the service may send fewer.
  std::optional<std::int64_t> page_size{};
  /// Starts at the page of this token instead of at the first.
  std::optional<std::string> page_token{};
};

/// What `delete_recovery_branch_preview` returns.
using DeleteRecoveryBranchPreviewOperation = lakebase::Operation<void, BranchOperationMetadata>;
/// What `inspect_recovery_branch_preview` returns.
using InspectRecoveryBranchPreviewOperation = lakebase::Operation<Branch, BranchOperationMetadata>;

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
