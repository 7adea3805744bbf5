#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <lakebase/operation.hpp>
#include <lakebase/postgres/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// Desired state of a snapshot. Applies at creation only: a snapshot cannot be changed. At most one of `ttl`,
/// `expire_time` and `no_expiry` may be set.
struct SnapshotSpec {
  /// Required. Full name of the branch to copy, a root branch of the project.
  std::optional<std::string> source_branch{};
  /// When the snapshot is deleted. Excludes `ttl` and `no_expiry`.
  std::optional<Timestamp> expire_time{};
  /// Keep the snapshot until it is deleted explicitly. Excludes `ttl` and `expire_time`.
  std::optional<bool> no_expiry{};
  /// Take the branch as of this log position (`16/B374D848`). Excludes `source_branch_time`.
  std::optional<std::string> source_branch_lsn{};
  /// Take the branch as of this time. Excludes `source_branch_lsn`.
  std::optional<Timestamp> source_branch_time{};
  /// Delete the snapshot this long after its creation; responses have the resulting `expire_time`. Excludes
  /// `expire_time` and `no_expiry`.
  std::optional<Duration> ttl{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("source_branch", &SnapshotSpec::source_branch);
    field("expire_time", &SnapshotSpec::expire_time);
    field("no_expiry", &SnapshotSpec::no_expiry);
    field("source_branch_lsn", &SnapshotSpec::source_branch_lsn);
    field("source_branch_time", &SnapshotSpec::source_branch_time);
    field("ttl", &SnapshotSpec::ttl);
  }
  friend bool operator==(SnapshotSpec const&, SnapshotSpec const&) = default;
};

/// Observed state of a snapshot. Set by the service.
struct SnapshotStatus {
  /// Bytes that it takes beyond the snapshot before it. Unset if it is not billed that way.
  std::optional<std::int64_t> diff_size_bytes{};
  /// When it will be deleted; unset for a snapshot without expiry.
  std::optional<Timestamp> expire_time{};
  /// Bytes of data that it holds, as PostgreSQL counts them.
  std::optional<std::int64_t> full_size_bytes{};
  /// Whether it is kept until it is deleted explicitly.
  std::optional<bool> no_expiry{};
  /// Full name of the branch that it was taken from, which may have been deleted.
  std::optional<std::string> source_branch{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("diff_size_bytes", &SnapshotStatus::diff_size_bytes);
    field("expire_time", &SnapshotStatus::expire_time);
    field("full_size_bytes", &SnapshotStatus::full_size_bytes);
    field("no_expiry", &SnapshotStatus::no_expiry);
    field("source_branch", &SnapshotStatus::source_branch);
  }
  friend bool operator==(SnapshotStatus const&, SnapshotStatus const&) = default;
};

/// A copy of a branch as of one moment. It never changes, and outlives the branch. To get the data back, create a
/// branch with `source_snapshot`.
struct Snapshot {
  /// Set by the service.
  std::optional<Timestamp> create_time{};
  /// `projects/{project_id}/snapshots/{snapshot_id}`. Set by the service.
  std::optional<std::string> name{};
  /// Last part of the name. Set by the service.
  std::optional<std::string> snapshot_id{};
  /// Sent in requests; the service may leave it out of its responses.
  std::optional<SnapshotSpec> spec{};
  /// Set by the service.
  std::optional<SnapshotStatus> status{};
  /// Unique across all time. Set by the service.
  std::optional<std::string> uid{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("create_time", &Snapshot::create_time);
    field("name", &Snapshot::name);
    field("snapshot_id", &Snapshot::snapshot_id);
    field("spec", &Snapshot::spec);
    field("status", &Snapshot::status);
    field("uid", &Snapshot::uid);
  }
  friend bool operator==(Snapshot const&, Snapshot const&) = default;
};

/// Metadata of an operation on a snapshot: empty so far.
struct SnapshotOperationMetadata {
  template <class Field>
  static constexpr void describe(Field&&) {}
  friend bool operator==(SnapshotOperationMetadata const&, SnapshotOperationMetadata const&) = default;
};

/// One page of `list_snapshots`, as the API sends it.
struct ListSnapshotsResponse {
  /// Empty on the last page.
  std::optional<std::string> next_page_token{};
  /// In no documented order.
  std::vector<Snapshot> snapshots{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("next_page_token", &ListSnapshotsResponse::next_page_token);
    field("snapshots", &ListSnapshotsResponse::snapshots);
  }
  friend bool operator==(ListSnapshotsResponse const&, ListSnapshotsResponse const&) = default;
};

/// Options of `list_snapshots`.
struct ListSnapshotsOptions {
  /// Maximum number of items on one page; the service may send fewer.
  std::optional<std::int64_t> page_size{};
  /// Starts at the page of this token instead of at the first.
  std::optional<std::string> page_token{};
};

/// What `create_snapshot` returns.
using CreateSnapshotOperation = lakebase::Operation<Snapshot, SnapshotOperationMetadata>;
/// What `delete_snapshot` returns.
using DeleteSnapshotOperation = lakebase::Operation<void, SnapshotOperationMetadata>;

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
