#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/enum.hpp>
#include <lakebase/postgres/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// What a compute is doing.
enum class ComputeInstanceComputeState {
  active,  ///< Running.
  idle,    ///< Suspended.
  init,    ///< Being started.
  unrecognized,
};
constexpr std::array<std::string_view, 3> enum_names(ComputeInstanceComputeState) {
  return {"ACTIVE", "IDLE", "INIT"};
}

/// What a compute is for.
enum class ComputeInstanceComputeType {
  hot_standby,  ///< Ready to take over from the read-write one.
  read_only,    ///< Serves reads.
  read_write,   ///< Serves reads and writes.
  unrecognized,
};
constexpr std::array<std::string_view, 3> enum_names(ComputeInstanceComputeType) {
  return {"HOT_STANDBY", "READ_ONLY", "READ_WRITE"};
}

/// One of the computes behind an endpoint: a running PostgreSQL server. The service creates and removes them as the
/// endpoint needs them, and sets every member.
struct ComputeInstance {
  /// `projects/{project_id}/branches/{branch_id}/endpoints/{endpoint_id}/compute-instances/{compute_instance_id}`.
  std::optional<std::string> name{};
  /// Last part of the name.
  std::optional<std::string> compute_instance_id{};
  /// Host name of this compute alone. Programs connect to `EndpointHosts::host`, which outlives it.
  std::optional<std::string> compute_host{};
  /// What it is doing now.
  std::optional<Enum<ComputeInstanceComputeState>> current_state{};
  /// The state that it is changing to; unset if it is not changing.
  std::optional<Enum<ComputeInstanceComputeState>> pending_state{};
  /// What it is for. It changes when a standby takes over.
  std::optional<Enum<ComputeInstanceComputeType>> role{};
  /// When it last started.
  std::optional<Timestamp> start_time{};
  /// When it was last suspended.
  std::optional<Timestamp> suspend_time{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("name", &ComputeInstance::name);
    field("compute_instance_id", &ComputeInstance::compute_instance_id);
    field("compute_host", &ComputeInstance::compute_host);
    field("current_state", &ComputeInstance::current_state);
    field("pending_state", &ComputeInstance::pending_state);
    field("role", &ComputeInstance::role);
    field("start_time", &ComputeInstance::start_time);
    field("suspend_time", &ComputeInstance::suspend_time);
  }
  friend bool operator==(ComputeInstance const&, ComputeInstance const&) = default;
};

/// One page of `list_compute_instances`, as the API sends it.
struct ListComputeInstancesResponse {
  /// In no documented order.
  std::vector<ComputeInstance> compute_instances{};
  /// Empty on the last page.
  std::optional<std::string> next_page_token{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("compute_instances", &ListComputeInstancesResponse::compute_instances);
    field("next_page_token", &ListComputeInstancesResponse::next_page_token);
  }
  friend bool operator==(ListComputeInstancesResponse const&, ListComputeInstancesResponse const&) = default;
};

/// Options of `list_compute_instances`.
struct ListComputeInstancesOptions {
  /// Maximum number of items on one page; the service may send fewer. Default 50; above 1000 counts as 1000.
  std::optional<std::int64_t> page_size{};
  /// Starts at the page of this token instead of at the first.
  std::optional<std::string> page_token{};
};

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
