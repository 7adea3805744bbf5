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

/// What a replication group is doing.
enum class ReplicationGroupPreviewState {
  degraded,        ///< Works, but not as it should.
  deleting,        ///< Being deleted.
  failing_over,    ///< Another workspace is taking over from a lost primary.
  provisioning,    ///< Being made.
  ready,           ///< Replicates.
  switching_over,  ///< The primary is handing over to another workspace.
  unrecognized,
};
constexpr std::array<std::string_view, 6> enum_names(ReplicationGroupPreviewState) {
  return {"REPLICATION_GROUP_PREVIEW_STATE_DEGRADED",     "REPLICATION_GROUP_PREVIEW_STATE_DELETING",
          "REPLICATION_GROUP_PREVIEW_STATE_FAILING_OVER", "REPLICATION_GROUP_PREVIEW_STATE_PROVISIONING",
          "REPLICATION_GROUP_PREVIEW_STATE_READY",        "REPLICATION_GROUP_PREVIEW_STATE_SWITCHING_OVER"};
}

/// When changes go from the primary workspace to the others.
enum class ReplicationModePreview {
  live,      ///< As they happen.
  periodic,  ///< On a fixed schedule.
  unrecognized,
};
constexpr std::array<std::string_view, 2> enum_names(ReplicationModePreview) {
  return {"REPLICATION_MODE_PREVIEW_LIVE", "REPLICATION_MODE_PREVIEW_PERIODIC"};
}

/// How far the others are behind the primary. Set by the service.
struct ReplicationMetricsPreview {
  /// When this was measured.
  std::optional<Timestamp> as_of_time{};
  /// Bytes of log still to be replicated.
  std::optional<std::int64_t> bytes_lag{};
  /// Bytes replicated in a second.
  std::optional<std::int64_t> throughput_bytes_per_second{};
  /// How old the newest replicated change is.
  std::optional<Duration> time_lag{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("as_of_time", &ReplicationMetricsPreview::as_of_time);
    field("bytes_lag", &ReplicationMetricsPreview::bytes_lag);
    field("throughput_bytes_per_second", &ReplicationMetricsPreview::throughput_bytes_per_second);
    field("time_lag", &ReplicationMetricsPreview::time_lag);
  }
  friend bool operator==(ReplicationMetricsPreview const&, ReplicationMetricsPreview const&) = default;
};

/// A project replicated between workspaces. Private preview: it can change or go without notice.
struct ReplicationGroupPreview {
  /// Required. When changes are replicated.
  std::optional<Enum<ReplicationModePreview>> replication_mode{};
  /// Required. The workspaces that take part, at present exactly 2.
  std::vector<std::string> workspaces{};
  /// Set by the service.
  std::optional<Timestamp> create_time{};
  /// Changes with the group. Sent back in an update or a delete, the service refuses the call if the group has changed
  /// since. Set by the service.
  std::optional<std::string> etag{};
  /// `projects/{project_id}/preview/replication-groups/{replication_group_preview_id}`. Set by the service.
  std::optional<std::string> name{};
  /// How far the others are behind. Set by the service.
  std::optional<ReplicationMetricsPreview> observed_metrics{};
  /// `projects/{project_id}`. Set by the service.
  std::optional<std::string> parent{};
  /// The workspace that accepts writes. Set by the service; `switchover_replication_group_preview` and
  /// `failover_replication_group_preview` change it.
  std::optional<std::string> primary_workspace{};
  /// What the group is doing. Set by the service.
  std::optional<Enum<ReplicationGroupPreviewState>> state{};
  /// Set by the service.
  std::optional<Timestamp> update_time{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("replication_mode", &ReplicationGroupPreview::replication_mode);
    field("workspaces", &ReplicationGroupPreview::workspaces);
    field("create_time", &ReplicationGroupPreview::create_time);
    field("etag", &ReplicationGroupPreview::etag);
    field("name", &ReplicationGroupPreview::name);
    field("observed_metrics", &ReplicationGroupPreview::observed_metrics);
    field("parent", &ReplicationGroupPreview::parent);
    field("primary_workspace", &ReplicationGroupPreview::primary_workspace);
    field("state", &ReplicationGroupPreview::state);
    field("update_time", &ReplicationGroupPreview::update_time);
  }
  /// What a mask calls a member, for `set_fields`: the name of its group of alternatives, or nothing if no update can
  /// change it.
  static constexpr std::string_view mask_name(std::string_view member) {
    return member == "replication_mode" || member == "workspaces" ? member : "";
  }
  friend bool operator==(ReplicationGroupPreview const&, ReplicationGroupPreview const&) = default;
};

/// Metadata of an operation on a replication group: empty so far.
struct ReplicationGroupPreviewOperationMetadata {
  template <class Field>
  static constexpr void describe(Field&&) {}
  friend bool operator==(ReplicationGroupPreviewOperationMetadata const&,
                         ReplicationGroupPreviewOperationMetadata const&) = default;
};

/// One page of `list_replication_group_previews`, as the API sends it.
struct ListReplicationGroupPreviewsResponse {
  /// Empty on the last page.
  std::optional<std::string> next_page_token{};
  /// In no documented order.
  std::vector<ReplicationGroupPreview> replication_group_previews{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("next_page_token", &ListReplicationGroupPreviewsResponse::next_page_token);
    field("replication_group_previews", &ListReplicationGroupPreviewsResponse::replication_group_previews);
  }
  friend bool operator==(ListReplicationGroupPreviewsResponse const&,
                         ListReplicationGroupPreviewsResponse const&) = default;
};

/// Options of `create_replication_group_preview`.
struct CreateReplicationGroupPreviewOptions {
  /// Id of this call, by which the service recognizes a repeat. Unset or empty: a new random UUID.
  std::optional<std::string> request_id{};
};

/// Options of `delete_replication_group_preview`.
struct DeleteReplicationGroupPreviewOptions {
  /// The group's `etag` as it was read last; the service refuses the call if the group has changed since. Unset: not
  /// checked.
  std::optional<std::string> etag{};
  /// Id of this call, by which the service recognizes a repeat. Unset or empty: a new random UUID.
  std::optional<std::string> request_id{};
};

/// Options of `failover_replication_group_preview`.
struct FailoverReplicationGroupPreviewOptions {
  /// The group's `etag` as it was read last; the service refuses the call if the group has changed since. Unset: not
  /// checked.
  std::optional<std::string> etag{};
  /// Id of this call, by which the service recognizes a repeat. Unset or empty: a new random UUID.
  std::optional<std::string> request_id{};
};

/// Options of `list_replication_group_previews`.
struct ListReplicationGroupPreviewsOptions {
  /// Maximum number of items on one page; the service may send fewer.
  std::optional<std::int64_t> page_size{};
  /// Starts at the page of this token instead of at the first.
  std::optional<std::string> page_token{};
};

/// Options of `switchover_replication_group_preview`.
struct SwitchoverReplicationGroupPreviewOptions {
  /// The group's `etag` as it was read last; the service refuses the call if the group has changed since. Unset: not
  /// checked.
  std::optional<std::string> etag{};
  /// Id of this call, by which the service recognizes a repeat. Unset or empty: a new random UUID.
  std::optional<std::string> request_id{};
};

/// Options of `update_replication_group_preview`.
struct UpdateReplicationGroupPreviewOptions {
  /// Id of this call, by which the service recognizes a repeat. Unset or empty: a new random UUID.
  std::optional<std::string> request_id{};
};

/// What `create_replication_group_preview` returns.
using CreateReplicationGroupPreviewOperation =
    lakebase::Operation<ReplicationGroupPreview, ReplicationGroupPreviewOperationMetadata>;
/// What `update_replication_group_preview` returns.
using UpdateReplicationGroupPreviewOperation =
    lakebase::Operation<ReplicationGroupPreview, ReplicationGroupPreviewOperationMetadata>;
/// What `delete_replication_group_preview` returns.
using DeleteReplicationGroupPreviewOperation = lakebase::Operation<void, ReplicationGroupPreviewOperationMetadata>;
/// What `failover_replication_group_preview` returns.
using FailoverReplicationGroupPreviewOperation =
    lakebase::Operation<ReplicationGroupPreview, ReplicationGroupPreviewOperationMetadata>;
/// What `switchover_replication_group_preview` returns.
using SwitchoverReplicationGroupPreviewOperation =
    lakebase::Operation<ReplicationGroupPreview, ReplicationGroupPreviewOperationMetadata>;

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
