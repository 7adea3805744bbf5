#pragma once

#include <optional>
#include <string>
#include <vector>

#include <lakebase/postgres/credential.hpp>

// Bodies of calls that send arguments instead of a model. Listed in models.def; only ever written.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Of `failover_replication_group_preview` and `switchover_replication_group_preview`.
struct ChangePrimaryRequest {
  std::optional<std::string> etag{};
  std::optional<std::string> request_id{};
  std::optional<std::string> target_workspace{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("etag", &ChangePrimaryRequest::etag);
    field("request_id", &ChangePrimaryRequest::request_id);
    field("target_workspace", &ChangePrimaryRequest::target_workspace);
  }
};

struct GenerateDatabaseCredentialRequest {
  std::vector<postgres::RequestedClaims> claims{};
  std::optional<std::string> endpoint{};
  std::optional<Timestamp> expire_time{};
  std::optional<std::string> group_name{};
  std::optional<Duration> ttl{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("claims", &GenerateDatabaseCredentialRequest::claims);
    field("endpoint", &GenerateDatabaseCredentialRequest::endpoint);
    field("expire_time", &GenerateDatabaseCredentialRequest::expire_time);
    field("group_name", &GenerateDatabaseCredentialRequest::group_name);
    field("ttl", &GenerateDatabaseCredentialRequest::ttl);
  }
};

struct InspectRecoveryBranchPreviewRequest {
  std::optional<std::string> branch_id{};
  std::optional<std::string> request_id{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("branch_id", &InspectRecoveryBranchPreviewRequest::branch_id);
    field("request_id", &InspectRecoveryBranchPreviewRequest::request_id);
  }
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
