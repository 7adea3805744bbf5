#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/enum.hpp>
#include <lakebase/export.hpp>
#include <lakebase/operation.hpp>
#include <lakebase/postgres/common.hpp>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// What an endpoint is doing.
enum class EndpointStatusState {
  active,    ///< Running.
  degraded,  ///< Running, but a highly available group has lost a member.
  idle,      ///< Suspended; the next connection wakes it.
  init,      ///< Being started.
  unrecognized,
};
constexpr std::array<std::string_view, 4> enum_names(EndpointStatusState) {
  return {"ACTIVE", "DEGRADED", "IDLE", "INIT"};
}

/// What an endpoint lets its sessions do.
enum class EndpointType {
  read_only,   ///< Read: a replica of the branch, of which it can have six.
  read_write,  ///< Read and write: each branch has one.
  unrecognized,
};
constexpr std::array<std::string_view, 2> enum_names(EndpointType) {
  return {"ENDPOINT_TYPE_READ_ONLY", "ENDPOINT_TYPE_READ_WRITE"};
}

/// How many computes serve an endpoint. More than one makes it highly available: a standby takes over under the same
/// host. That needs `no_suspension`.
struct EndpointGroupSpec {
  /// Fewest computes. Must equal `max`: 1 to 4, the primary and up to three standbys in other zones. Default 1.
  std::optional<std::int64_t> min{};
  /// Most computes. Must equal `min`. Default 1.
  std::optional<std::int64_t> max{};
  /// Let the standbys serve reads, at `EndpointHosts::read_only_host`. Default false for read-write endpoints, true for
  /// read-only ones.
  std::optional<bool> enable_readable_secondaries{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("min", &EndpointGroupSpec::min);
    field("max", &EndpointGroupSpec::max);
    field("enable_readable_secondaries", &EndpointGroupSpec::enable_readable_secondaries);
  }
  /// A mask names it, not its members, for `set_fields`.
  static constexpr bool masked_as_whole = true;
  friend bool operator==(EndpointGroupSpec const&, EndpointGroupSpec const&) = default;
};

/// How many computes serve an endpoint. Set by the service.
struct EndpointGroupStatus {
  /// Fewest computes; 1 if the endpoint is not highly available.
  std::optional<std::int64_t> min{};
  /// Most computes; the same as `min`.
  std::optional<std::int64_t> max{};
  /// Whether standbys serve reads.
  std::optional<bool> enable_readable_secondaries{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("min", &EndpointGroupStatus::min);
    field("max", &EndpointGroupStatus::max);
    field("enable_readable_secondaries", &EndpointGroupStatus::enable_readable_secondaries);
  }
  friend bool operator==(EndpointGroupStatus const&, EndpointGroupStatus const&) = default;
};

/// Host names of an endpoint, for port 5432 with TLS. Set by the service.
///
/// The pooled hosts share few server connections among many sessions, transaction by transaction. They take passwords
/// of PostgreSQL only, not the tokens of `generate_database_credential`.
struct EndpointHosts {
  /// For sessions of the endpoint's own type.
  std::optional<std::string> host{};
  /// For reads: on a read-only endpoint the same as `host`; on a read-write one its standbys, unset if
  /// `enable_readable_secondaries` is off.
  std::optional<std::string> read_only_host{};
  /// For reads through the pooler.
  std::optional<std::string> read_only_pooled_host{};
  /// For writes through the pooler; unset on a read-only endpoint.
  std::optional<std::string> read_write_pooled_host{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("host", &EndpointHosts::host);
    field("read_only_host", &EndpointHosts::read_only_host);
    field("read_only_pooled_host", &EndpointHosts::read_only_pooled_host);
    field("read_write_pooled_host", &EndpointHosts::read_write_pooled_host);
  }
  friend bool operator==(EndpointHosts const&, EndpointHosts const&) = default;
};

/// How the PostgreSQL server of an endpoint is tuned.
struct EndpointSettings {
  /// Parameters of the server, by name. An update replaces all of them (`spec.settings.pg_settings`), and some take
  /// effect after a restart only.
  std::map<std::string, std::string> pg_settings{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("pg_settings", &EndpointSettings::pg_settings);
  }
  friend bool operator==(EndpointSettings const&, EndpointSettings const&) = default;
};

/// Desired state of an endpoint.
///
/// Whether it suspends is one choice of two: `suspend_timeout_duration` or `no_suspension`. In an update mask that
/// choice is named `spec.suspension`. Sizes and suspension that are left unset at creation are taken from the project's
/// `default_endpoint_settings`.
struct EndpointSpec {
  /// Required at creation; cannot be changed.
  std::optional<Enum<EndpointType>> endpoint_type{};
  /// Largest size, in compute units (CU; about 2 GB of memory each): 0.5 or a whole number, at most 64 (some fixed
  /// sizes are larger) and at most 16 above the minimum. Default: the project's.
  std::optional<double> autoscaling_limit_max_cu{};
  /// Smallest size in CU, at least 0.5 and at most the maximum. Equal limits fix the size. Default: the project's.
  std::optional<double> autoscaling_limit_min_cu{};
  /// Suspend it soon, and do not let connections wake it. Default false.
  std::optional<bool> disabled{};
  /// High availability. Default: one compute.
  std::optional<EndpointGroupSpec> group{};
  /// Never suspend when idle. Only true can be sent. Excludes `suspend_timeout_duration`.
  std::optional<bool> no_suspension{};
  /// Server parameters. Default: none.
  std::optional<EndpointSettings> settings{};
  /// Suspend after this long idle, 60 s to 7 days. Excludes `no_suspension`. Default: the project's.
  std::optional<Duration> suspend_timeout_duration{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("endpoint_type", &EndpointSpec::endpoint_type);
    field("autoscaling_limit_max_cu", &EndpointSpec::autoscaling_limit_max_cu);
    field("autoscaling_limit_min_cu", &EndpointSpec::autoscaling_limit_min_cu);
    field("disabled", &EndpointSpec::disabled);
    field("group", &EndpointSpec::group);
    field("no_suspension", &EndpointSpec::no_suspension);
    field("settings", &EndpointSpec::settings);
    field("suspend_timeout_duration", &EndpointSpec::suspend_timeout_duration);
  }
  /// What a mask calls a member, for `set_fields`: the name of its group of alternatives, or nothing if no update can
  /// change it.
  static constexpr std::string_view mask_name(std::string_view member) {
    if (member == "no_suspension" || member == "suspend_timeout_duration") return "suspension";
    return member == "endpoint_type" ? "" : member;
  }
  friend bool operator==(EndpointSpec const&, EndpointSpec const&) = default;
};

/// Observed state of an endpoint. Set by the service.
struct EndpointStatus {
  /// Largest size in CU.
  std::optional<double> autoscaling_limit_max_cu{};
  /// Smallest size in CU.
  std::optional<double> autoscaling_limit_min_cu{};
  /// What it is doing now.
  std::optional<Enum<EndpointStatusState>> current_state{};
  /// Whether it is kept suspended.
  std::optional<bool> disabled{};
  /// Last part of the name.
  std::optional<std::string> endpoint_id{};
  /// What its sessions may do.
  std::optional<Enum<EndpointType>> endpoint_type{};
  /// The computes behind it.
  std::optional<EndpointGroupStatus> group{};
  /// Hosts to connect to.
  std::optional<EndpointHosts> hosts{};
  /// When it was last in use.
  std::optional<Timestamp> last_active_time{};
  /// The state that it is changing to; unset if it is not changing. Until it is reached the service may refuse further
  /// changes with 409.
  std::optional<Enum<EndpointStatusState>> pending_state{};
  /// Server parameters in force.
  std::optional<EndpointSettings> settings{};
  /// How long it may be idle before it suspends; unset if it never suspends.
  std::optional<Duration> suspend_timeout_duration{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("autoscaling_limit_max_cu", &EndpointStatus::autoscaling_limit_max_cu);
    field("autoscaling_limit_min_cu", &EndpointStatus::autoscaling_limit_min_cu);
    field("current_state", &EndpointStatus::current_state);
    field("disabled", &EndpointStatus::disabled);
    field("endpoint_id", &EndpointStatus::endpoint_id);
    field("endpoint_type", &EndpointStatus::endpoint_type);
    field("group", &EndpointStatus::group);
    field("hosts", &EndpointStatus::hosts);
    field("last_active_time", &EndpointStatus::last_active_time);
    field("pending_state", &EndpointStatus::pending_state);
    field("settings", &EndpointStatus::settings);
    field("suspend_timeout_duration", &EndpointStatus::suspend_timeout_duration);
  }
  friend bool operator==(EndpointStatus const&, EndpointStatus const&) = default;
};

/// What programs connect to: a host name of a branch, and the computes that run PostgreSQL behind it.
struct Endpoint {
  /// Set by the service.
  std::optional<Timestamp> create_time{};
  /// Last part of the name. Set by the service.
  std::optional<std::string> endpoint_id{};
  /// `projects/{project_id}/branches/{branch_id}/endpoints/{endpoint_id}`. Set by the service.
  std::optional<std::string> name{};
  /// `projects/{project_id}/branches/{branch_id}`. Set by the service.
  std::optional<std::string> parent{};
  /// Sent in requests; the service responds with `status` instead.
  std::optional<EndpointSpec> spec{};
  /// Set by the service.
  std::optional<EndpointStatus> status{};
  /// Unique across all time, e.g. `ep-quiet-lake-1a2b3c4d`; `EndpointHosts::host` begins with it. Set by the service.
  std::optional<std::string> uid{};
  /// Set by the service.
  std::optional<Timestamp> update_time{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("create_time", &Endpoint::create_time);
    field("endpoint_id", &Endpoint::endpoint_id);
    field("name", &Endpoint::name);
    field("parent", &Endpoint::parent);
    field("spec", &Endpoint::spec);
    field("status", &Endpoint::status);
    field("uid", &Endpoint::uid);
    field("update_time", &Endpoint::update_time);
  }
  friend bool operator==(Endpoint const&, Endpoint const&) = default;
};

/// Which of an endpoint's hosts.
enum class HostKind {
  read_write,         ///< For sessions that write.
  read_only,          ///< For sessions that read.
  read_write_pooled,  ///< For sessions that write, through the pooler, which accepts no tokens.
  read_only_pooled,   ///< For sessions that read, through the pooler, which accepts no tokens.
};

/// The host to connect to: `host_of(w.postgres.get_endpoint(name))`.
/// @throws MissingField saying why the endpoint has no such host: it only reads, has no readable standbys, is still
///         being started, …
[[nodiscard]] LAKEBASE_EXPORT std::string host_of(Endpoint const& endpoint, HostKind kind = HostKind::read_write);

/// Metadata of an operation on an endpoint: empty so far.
struct EndpointOperationMetadata {
  template <class Field>
  static constexpr void describe(Field&&) {}
  friend bool operator==(EndpointOperationMetadata const&, EndpointOperationMetadata const&) = default;
};

/// One page of `list_endpoints`, as the API sends it.
struct ListEndpointsResponse {
  /// In no documented order.
  std::vector<Endpoint> endpoints{};
  /// Empty on the last page.
  std::optional<std::string> next_page_token{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("endpoints", &ListEndpointsResponse::endpoints);
    field("next_page_token", &ListEndpointsResponse::next_page_token);
  }
  friend bool operator==(ListEndpointsResponse const&, ListEndpointsResponse const&) = default;
};

/// Options of `create_endpoint`.
struct CreateEndpointOptions {
  /// Update the endpoint in place if it exists, instead of failing. Meant for endpoints that the service made itself,
  /// such as `primary`.
  std::optional<bool> replace_existing{};
};

/// Options of `list_endpoints`.
struct ListEndpointsOptions {
  /// Maximum number of items on one page; the service may send fewer.
  std::optional<std::int64_t> page_size{};
  /// Starts at the page of this token instead of at the first.
  std::optional<std::string> page_token{};
};

/// Its result is the new endpoint.
using CreateEndpointOperation = lakebase::Operation<Endpoint, EndpointOperationMetadata>;
/// Its result is the changed endpoint, which may still be changing its state.
using UpdateEndpointOperation = lakebase::Operation<Endpoint, EndpointOperationMetadata>;
/// It has no result.
using DeleteEndpointOperation = lakebase::Operation<void, EndpointOperationMetadata>;

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
