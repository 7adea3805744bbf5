#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/database/common.hpp>
#include <lakebase/enum.hpp>
#include <lakebase/export.hpp>
#include <lakebase/operation.hpp>

namespace lakebase {
inline namespace v0 {
namespace database {

/// What an instance is doing.
enum class DatabaseInstanceState {
  available,     ///< It accepts connections.
  deleting,      ///< It is being deleted; its name stays taken until it is gone.
  failing_over,  ///< A secondary takes the place of the primary.
  starting,      ///< It is being started, or made.
  stopped,       ///< It accepts no connections, and no connection wakes it; its data stays.
  updating,      ///< It is being changed, stopped or started.
  upgrading,     ///< It is moved to Autoscaling. Preview: not in a released SDK of Databricks yet.
  unrecognized,
};
constexpr std::array<std::string_view, 7> enum_names(DatabaseInstanceState) {
  return {"AVAILABLE", "DELETING", "FAILING_OVER", "STARTING", "STOPPED", "UPDATING", "UPGRADING"};
}

/// A tag of an instance, for billing records.
struct CustomTag {
  /// Name of the tag.
  std::optional<std::string> key{};
  /// Value of the tag.
  std::optional<std::string> value{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("key", &CustomTag::key);
    field("value", &CustomTag::value);
  }
  friend bool operator==(CustomTag const&, CustomTag const&) = default;
};

/// Another instance: the parent that an instance is copied from, or a child.
struct DatabaseInstanceRef {
  /// The moment of the parent, in RFC 3339, as of which it is copied. Excludes `lsn`. Default: now.
  std::optional<std::string> branch_time{};
  /// The position in the parent's log that it was copied at. Set by the service.
  std::optional<std::string> effective_lsn{};
  /// The position in the parent's log, e.g. `0/1A2B3C`, to copy it at. Excludes `branch_time`.
  std::optional<std::string> lsn{};
  /// Name of the other instance.
  std::optional<std::string> name{};
  /// Set by the service.
  std::optional<std::string> uid{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("branch_time", &DatabaseInstanceRef::branch_time);
    field("effective_lsn", &DatabaseInstanceRef::effective_lsn);
    field("lsn", &DatabaseInstanceRef::lsn);
    field("name", &DatabaseInstanceRef::name);
    field("uid", &DatabaseInstanceRef::uid);
  }
  friend bool operator==(DatabaseInstanceRef const&, DatabaseInstanceRef const&) = default;
};

/// A database instance of a fixed size: Lakebase Provisioned. What a caller sends in `stopped` and `node_count` comes
/// back as its `effective_` twin only. A workspace has 10 at most.
struct DatabaseInstance {
  /// Required. Unique in the workspace: 1 to 63 letters, digits and hyphens. Cannot be changed.
  std::optional<std::string> name{};
  /// Size: `CU_1`, `CU_2`, `CU_4` or `CU_8`, each unit with some 16 GB of memory. Default `CU_1`.
  std::optional<std::string> capacity{};
  /// The instances that were copied from it. Set by the service.
  std::vector<DatabaseInstanceRef> child_instance_refs{};
  /// In RFC 3339. Set by the service.
  std::optional<std::string> creation_time{};
  /// E-mail address or application id of who created it. Set by the service.
  std::optional<std::string> creator{};
  /// Tags. An update replaces the whole list; name it in the mask with an empty list to clear it. The service repeats
  /// it in the responses to creations and updates only; see `effective_custom_tags`.
  std::vector<CustomTag> custom_tags{};
  /// As `capacity`; deprecated by the service in its favour. Set by the service.
  std::optional<std::string> effective_capacity{};
  /// The tags in force. Set by the service.
  std::vector<CustomTag> effective_custom_tags{};
  /// In force now. Set by the service.
  std::optional<bool> effective_enable_pg_native_login{};
  /// In force now. Set by the service.
  std::optional<bool> effective_enable_readable_secondaries{};
  /// In force now. Set by the service.
  std::optional<std::int64_t> effective_node_count{};
  /// In force now. Set by the service.
  std::optional<std::int64_t> effective_retention_window_in_days{};
  /// Whether it is stopped, or is to be. Set by the service.
  std::optional<bool> effective_stopped{};
  /// In force now. Set by the service.
  std::optional<std::string> effective_usage_policy_id{};
  /// Let roles log in with passwords of PostgreSQL's own. Default false.
  std::optional<bool> enable_pg_native_login{};
  /// Let programs read from the secondaries, at `read_only_dns`; requires two nodes or more. Default false.
  std::optional<bool> enable_readable_secondaries{};
  /// Number of nodes: a primary and its secondaries, to which it fails over. Default 1.
  std::optional<std::int64_t> node_count{};
  /// The instance to copy, at creation. Default: none, and it starts empty.
  std::optional<DatabaseInstanceRef> parent_instance_ref{};
  /// Version of PostgreSQL, e.g. `PG_VERSION_16`. Set by the service.
  std::optional<std::string> pg_version{};
  /// Host for sessions that only read, if there are readable secondaries. Set by the service.
  std::optional<std::string> read_only_dns{};
  /// Host to connect to. Set by the service.
  std::optional<std::string> read_write_dns{};
  /// How far back it can be copied or restored, 2 to 35 days. Default 7.
  std::optional<std::int64_t> retention_window_in_days{};
  /// Set by the service.
  std::optional<Enum<DatabaseInstanceState>> state{};
  /// Whether it is to be stopped: its data stays, and nobody can connect. Default false.
  std::optional<bool> stopped{};
  /// Set by the service.
  std::optional<std::string> uid{};
  /// Usage policy that it is charged to.
  std::optional<std::string> usage_policy_id{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("name", &DatabaseInstance::name);
    field("capacity", &DatabaseInstance::capacity);
    field("child_instance_refs", &DatabaseInstance::child_instance_refs);
    field("creation_time", &DatabaseInstance::creation_time);
    field("creator", &DatabaseInstance::creator);
    field("custom_tags", &DatabaseInstance::custom_tags);
    field("effective_capacity", &DatabaseInstance::effective_capacity);
    field("effective_custom_tags", &DatabaseInstance::effective_custom_tags);
    field("effective_enable_pg_native_login", &DatabaseInstance::effective_enable_pg_native_login);
    field("effective_enable_readable_secondaries", &DatabaseInstance::effective_enable_readable_secondaries);
    field("effective_node_count", &DatabaseInstance::effective_node_count);
    field("effective_retention_window_in_days", &DatabaseInstance::effective_retention_window_in_days);
    field("effective_stopped", &DatabaseInstance::effective_stopped);
    field("effective_usage_policy_id", &DatabaseInstance::effective_usage_policy_id);
    field("enable_pg_native_login", &DatabaseInstance::enable_pg_native_login);
    field("enable_readable_secondaries", &DatabaseInstance::enable_readable_secondaries);
    field("node_count", &DatabaseInstance::node_count);
    field("parent_instance_ref", &DatabaseInstance::parent_instance_ref);
    field("pg_version", &DatabaseInstance::pg_version);
    field("read_only_dns", &DatabaseInstance::read_only_dns);
    field("read_write_dns", &DatabaseInstance::read_write_dns);
    field("retention_window_in_days", &DatabaseInstance::retention_window_in_days);
    field("state", &DatabaseInstance::state);
    field("stopped", &DatabaseInstance::stopped);
    field("uid", &DatabaseInstance::uid);
    field("usage_policy_id", &DatabaseInstance::usage_policy_id);
  }
  /// What a mask calls a member, for `set_fields`: nothing if no update can change it.
  static constexpr std::string_view mask_name(std::string_view member) {
    constexpr std::array<std::string_view, 8> changeable{"capacity",
                                                         "custom_tags",
                                                         "enable_pg_native_login",
                                                         "enable_readable_secondaries",
                                                         "node_count",
                                                         "retention_window_in_days",
                                                         "stopped",
                                                         "usage_policy_id"};
    for (auto const one : changeable) {
      if (one == member) return member;
    }
    return "";
  }
  friend bool operator==(DatabaseInstance const&, DatabaseInstance const&) = default;
};

/// Which of an instance's hosts.
enum class HostKind {
  read_write,  ///< For sessions that write.
  read_only,   ///< For sessions that read: the readable secondaries.
};

/// The host to connect to: `host_of(w.database.get_database_instance(name))`.
/// @throws MissingField saying why the instance has no such host: it is stopped, is still being started, has no
///         readable secondaries, …
[[nodiscard]] LAKEBASE_EXPORT std::string host_of(DatabaseInstance const& instance,
                                                  HostKind kind = HostKind::read_write);

/// One page of `list_database_instances`, as the API sends it.
struct ListDatabaseInstancesResponse {
  /// In no documented order.
  std::vector<DatabaseInstance> database_instances{};
  /// Empty on the last page.
  std::optional<std::string> next_page_token{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("database_instances", &ListDatabaseInstancesResponse::database_instances);
    field("next_page_token", &ListDatabaseInstancesResponse::next_page_token);
  }
  friend bool operator==(ListDatabaseInstancesResponse const&, ListDatabaseInstancesResponse const&) = default;
};

/// Options of `delete_database_instance`.
struct DeleteDatabaseInstanceOptions {
  /// Delete its children as well, instead of failing if there are any. Default false.
  std::optional<bool> force{};
  /// Delete it for good, which is all that the service offers: it refuses `false`. Default true.
  std::optional<bool> purge{};
};

/// Options of `failover_database_instance`.
struct FailoverDatabaseInstanceOptions {
  /// Name of the secondary that becomes the primary. Default: the service chooses.
  std::optional<std::string> failover_target_database_instance_name{};
};

/// Options of `find_database_instance_by_uid`.
struct FindDatabaseInstanceByUidOptions {
  /// The id to look for.
  std::optional<std::string> uid{};
};

/// Options of `list_database_instances`.
struct ListDatabaseInstancesOptions {
  /// Maximum number of items on one page, at most 100; the service may send fewer.
  std::optional<std::int64_t> page_size{};
  /// Starts at the page of this token instead of at the first.
  std::optional<std::string> page_token{};
};

/// Polls the instance until it is AVAILABLE; that is its result, and what was last read of it its metadata. Its name is
/// that of the instance.
using CreateDatabaseInstanceOperation = lakebase::Operation<DatabaseInstance, DatabaseInstance>;

}  // namespace database
}  // namespace v0
}  // namespace lakebase
