#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/enum.hpp>
#include <lakebase/operation.hpp>
#include <lakebase/postgres/common.hpp>
#include <lakebase/postgres/endpoint.hpp>
#include <lakebase/postgres/replication_role.hpp>
#include <lakebase/postgres/role.hpp>

namespace lakebase {
inline namespace v0 {
namespace postgres {

/// Desired state of the first branch (`production`) of a new project.
struct InitialBranchSpec {
  /// Refuse to delete, reset, archive or expire it, and with it the project. Default false.
  std::optional<bool> is_protected{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("is_protected", &InitialBranchSpec::is_protected);
  }
  friend bool operator==(InitialBranchSpec const&, InitialBranchSpec const&) = default;
};

/// Desired state of the first database of a new project.
struct InitialDatabaseSpec {
  /// Its name in PostgreSQL. Default `databricks_postgres`.
  std::optional<std::string> postgres_database{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("postgres_database", &InitialDatabaseSpec::postgres_database);
  }
  friend bool operator==(InitialDatabaseSpec const&, InitialDatabaseSpec const&) = default;
};

/// Desired state of the first endpoint (`primary`) of a new project. What is left unset is taken from
/// `ProjectSpec::default_endpoint_settings`.
struct InitialEndpointSpec {
  /// Largest size, in compute units (CU; about 2 GB of memory each): 0.5 or a whole number, at most 64 (some fixed
  /// sizes are larger) and at most 16 above the minimum.
  std::optional<double> autoscaling_limit_max_cu{};
  /// Smallest size in CU, at least 0.5 and at most the maximum. Equal limits fix the size.
  std::optional<double> autoscaling_limit_min_cu{};
  /// High availability. Default: one compute.
  std::optional<EndpointGroupSpec> group{};
  /// Never suspend when idle. Only true can be sent. Excludes `suspend_timeout_duration`.
  std::optional<bool> no_suspension{};
  /// Suspend after this long idle, 60 s to 7 days. Excludes `no_suspension`.
  std::optional<Duration> suspend_timeout_duration{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("autoscaling_limit_max_cu", &InitialEndpointSpec::autoscaling_limit_max_cu);
    field("autoscaling_limit_min_cu", &InitialEndpointSpec::autoscaling_limit_min_cu);
    field("group", &InitialEndpointSpec::group);
    field("no_suspension", &InitialEndpointSpec::no_suspension);
    field("suspend_timeout_duration", &InitialEndpointSpec::suspend_timeout_duration);
  }
  friend bool operator==(InitialEndpointSpec const&, InitialEndpointSpec const&) = default;
};

/// Desired state of the first role of a new project, which owns its database. Default: the caller, as a member of
/// `databricks_superuser` with all attributes.
struct InitialRoleSpec {
  /// What the role may do.
  std::optional<RoleAttributes> attributes{};
  /// How the role logs in.
  std::optional<Enum<RoleAuthMethod>> auth_method{};
  /// What kind of workspace identity the role represents. Unset: none, a role of PostgreSQL alone.
  std::optional<Enum<RoleIdentityType>> identity_type{};
  /// Roles it belongs to.
  std::vector<Enum<RoleMembershipRole>> membership_roles{};
  /// Its name in PostgreSQL: for an identity the user's e-mail address, the service principal's application id or the
  /// group's display name.
  std::optional<std::string> postgres_role{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("attributes", &InitialRoleSpec::attributes);
    field("auth_method", &InitialRoleSpec::auth_method);
    field("identity_type", &InitialRoleSpec::identity_type);
    field("membership_roles", &InitialRoleSpec::membership_roles);
    field("postgres_role", &InitialRoleSpec::postgres_role);
  }
  friend bool operator==(InitialRoleSpec const&, InitialRoleSpec const&) = default;
};

/// A label on a project, which also appears in the workspace's usage records.
struct ProjectCustomTag {
  /// Name of the label.
  std::optional<std::string> key{};
  /// May be empty.
  std::optional<std::string> value{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("key", &ProjectCustomTag::key);
    field("value", &ProjectCustomTag::value);
  }
  friend bool operator==(ProjectCustomTag const&, ProjectCustomTag const&) = default;
};

/// Defaults of a project's new endpoints, for what their own spec leaves unset. Endpoints that exist are not changed.
///
/// In an update mask the choice between `suspend_timeout_duration` and `no_suspension` is named
/// `spec.default_endpoint_settings.suspension`.
struct ProjectDefaultEndpointSettings {
  /// Largest size, in compute units (CU; about 2 GB of memory each): 0.5 or a whole number, at most 64 (some fixed
  /// sizes are larger) and at most 16 above the minimum. Default 1.
  std::optional<double> autoscaling_limit_max_cu{};
  /// Smallest size in CU, at least 0.5 and at most the maximum. Equal limits fix the size. Default 1.
  std::optional<double> autoscaling_limit_min_cu{};
  /// Never suspend when idle. Only true can be sent. Excludes `suspend_timeout_duration`.
  std::optional<bool> no_suspension{};
  /// Parameters of the PostgreSQL server, by name. An update replaces all of them.
  std::map<std::string, std::string> pg_settings{};
  /// Suspend after this long idle, 60 s to 7 days. Excludes `no_suspension`. Default 1 day.
  std::optional<Duration> suspend_timeout_duration{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("autoscaling_limit_max_cu", &ProjectDefaultEndpointSettings::autoscaling_limit_max_cu);
    field("autoscaling_limit_min_cu", &ProjectDefaultEndpointSettings::autoscaling_limit_min_cu);
    field("no_suspension", &ProjectDefaultEndpointSettings::no_suspension);
    field("pg_settings", &ProjectDefaultEndpointSettings::pg_settings);
    field("suspend_timeout_duration", &ProjectDefaultEndpointSettings::suspend_timeout_duration);
  }
  /// What a mask calls a member, for `set_fields`: the name of its group of alternatives, or nothing if no update can
  /// change it.
  static constexpr std::string_view mask_name(std::string_view member) {
    return member == "no_suspension" || member == "suspend_timeout_duration" ? "suspension" : member;
  }
  friend bool operator==(ProjectDefaultEndpointSettings const&, ProjectDefaultEndpointSettings const&) = default;
};

/// Desired state of a project. Every member may be left unset.
struct ProjectSpec {
  /// Budget policy that the costs are charged to. Default: none.
  std::optional<std::string> budget_policy_id{};
  /// Which system runs the computes. Leave it to the service.
  std::optional<std::string> compute_provisioner{};
  /// Labels. An update replaces the whole list: an empty list that the mask names (`spec.custom_tags`) clears it.
  std::vector<ProjectCustomTag> custom_tags{};
  /// Full name of the default branch. Default: `production`. Applies in updates: at creation no branch exists yet.
  std::optional<std::string> default_branch{};
  /// Defaults of new endpoints.
  std::optional<ProjectDefaultEndpointSettings> default_endpoint_settings{};
  /// For people, 1 to 256 characters. Default: the project id.
  std::optional<std::string> display_name{};
  /// Let roles log in with passwords of PostgreSQL, besides tokens. Default false.
  std::optional<bool> enable_pg_native_login{};
  /// How long the history of each branch is kept, to start branches from: 2 to 35 days. Default 7 days.
  std::optional<Duration> history_retention_duration{};
  /// Major version of PostgreSQL, 16 or 17; cannot be changed. Default: chosen by the service.
  std::optional<std::int64_t> pg_version{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("budget_policy_id", &ProjectSpec::budget_policy_id);
    field("compute_provisioner", &ProjectSpec::compute_provisioner);
    field("custom_tags", &ProjectSpec::custom_tags);
    field("default_branch", &ProjectSpec::default_branch);
    field("default_endpoint_settings", &ProjectSpec::default_endpoint_settings);
    field("display_name", &ProjectSpec::display_name);
    field("enable_pg_native_login", &ProjectSpec::enable_pg_native_login);
    field("history_retention_duration", &ProjectSpec::history_retention_duration);
    field("pg_version", &ProjectSpec::pg_version);
  }
  /// What a mask calls a member, for `set_fields`: the name of its group of alternatives, or nothing if no update can
  /// change it.
  static constexpr std::string_view mask_name(std::string_view member) {
    return member == "compute_provisioner" || member == "pg_version" ? "" : member;
  }
  friend bool operator==(ProjectSpec const&, ProjectSpec const&) = default;
};

/// Observed state of a project. Set by the service.
struct ProjectStatus {
  /// Bytes of data that a branch may hold.
  std::optional<std::int64_t> branch_logical_size_limit_bytes{};
  /// Budget policy that the costs are charged to; unset if there is none.
  std::optional<std::string> budget_policy_id{};
  /// When a compute of the project was last running.
  std::optional<Timestamp> compute_last_active_time{};
  /// Which system runs the computes.
  std::optional<std::string> compute_provisioner{};
  /// Labels.
  std::vector<ProjectCustomTag> custom_tags{};
  /// Full name of the default branch.
  std::optional<std::string> default_branch{};
  /// Defaults of new endpoints.
  std::optional<ProjectDefaultEndpointSettings> default_endpoint_settings{};
  /// For people.
  std::optional<std::string> display_name{};
  /// Whether roles can log in with passwords of PostgreSQL.
  std::optional<bool> enable_pg_native_login{};
  /// How long the history of each branch is kept.
  std::optional<Duration> history_retention_duration{};
  /// Who made it: a user's e-mail address or a service principal's application id.
  std::optional<std::string> owner{};
  /// Major version of PostgreSQL.
  std::optional<std::int64_t> pg_version{};
  /// Last part of the name.
  std::optional<std::string> project_id{};
  /// Its role in a replication group; unset if it is in none. Private preview.
  std::optional<Enum<ReplicationRolePreview>> replication_role{};
  /// Bytes of storage that the project takes up: the data of all branches and their history.
  std::optional<std::int64_t> synthetic_storage_size_bytes{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("branch_logical_size_limit_bytes", &ProjectStatus::branch_logical_size_limit_bytes);
    field("budget_policy_id", &ProjectStatus::budget_policy_id);
    field("compute_last_active_time", &ProjectStatus::compute_last_active_time);
    field("compute_provisioner", &ProjectStatus::compute_provisioner);
    field("custom_tags", &ProjectStatus::custom_tags);
    field("default_branch", &ProjectStatus::default_branch);
    field("default_endpoint_settings", &ProjectStatus::default_endpoint_settings);
    field("display_name", &ProjectStatus::display_name);
    field("enable_pg_native_login", &ProjectStatus::enable_pg_native_login);
    field("history_retention_duration", &ProjectStatus::history_retention_duration);
    field("owner", &ProjectStatus::owner);
    field("pg_version", &ProjectStatus::pg_version);
    field("project_id", &ProjectStatus::project_id);
    field("replication_role", &ProjectStatus::replication_role);
    field("synthetic_storage_size_bytes", &ProjectStatus::synthetic_storage_size_bytes);
  }
  friend bool operator==(ProjectStatus const&, ProjectStatus const&) = default;
};

/// A project: the container of branches, with their endpoints, roles and databases. It starts with one of each: branch
/// `production` with endpoint `primary`, a role for its creator and a database.
struct Project {
  /// Set by the service.
  std::optional<Timestamp> create_time{};
  /// When it was soft-deleted. Set by the service.
  std::optional<Timestamp> delete_time{};
  /// For the branch it comes with. Read at creation only.
  std::optional<InitialBranchSpec> initial_branch_spec{};
  /// For the database it comes with. Read at creation only.
  std::optional<InitialDatabaseSpec> initial_database_spec{};
  /// For the endpoint it comes with. Read at creation only.
  std::optional<InitialEndpointSpec> initial_endpoint_spec{};
  /// For the role it comes with. Read at creation only.
  std::optional<InitialRoleSpec> initial_role_spec{};
  /// `projects/{project_id}`. Set by the service.
  std::optional<std::string> name{};
  /// Last part of the name. Set by the service.
  std::optional<std::string> project_id{};
  /// When a soft-deleted project is deleted for good: 7 days after its soft deletion. Set by the service.
  std::optional<Timestamp> purge_time{};
  /// Sent in requests; the service responds with `status` instead.
  std::optional<ProjectSpec> spec{};
  /// Set by the service.
  std::optional<ProjectStatus> status{};
  /// Unique across all time, a UUID. Set by the service.
  std::optional<std::string> uid{};
  /// Set by the service.
  std::optional<Timestamp> update_time{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("create_time", &Project::create_time);
    field("delete_time", &Project::delete_time);
    field("initial_branch_spec", &Project::initial_branch_spec);
    field("initial_database_spec", &Project::initial_database_spec);
    field("initial_endpoint_spec", &Project::initial_endpoint_spec);
    field("initial_role_spec", &Project::initial_role_spec);
    field("name", &Project::name);
    field("project_id", &Project::project_id);
    field("purge_time", &Project::purge_time);
    field("spec", &Project::spec);
    field("status", &Project::status);
    field("uid", &Project::uid);
    field("update_time", &Project::update_time);
  }
  friend bool operator==(Project const&, Project const&) = default;
};

/// Metadata of an operation on a project: empty so far.
struct ProjectOperationMetadata {
  template <class Field>
  static constexpr void describe(Field&&) {}
  friend bool operator==(ProjectOperationMetadata const&, ProjectOperationMetadata const&) = default;
};

/// One page of `list_projects`, as the API sends it.
struct ListProjectsResponse {
  /// Empty on the last page.
  std::optional<std::string> next_page_token{};
  /// In no documented order.
  std::vector<Project> projects{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("next_page_token", &ListProjectsResponse::next_page_token);
    field("projects", &ListProjectsResponse::projects);
  }
  friend bool operator==(ListProjectsResponse const&, ListProjectsResponse const&) = default;
};

/// Options of `delete_project`.
struct DeleteProjectOptions {
  /// Delete for good instead of softly, even if it has been soft-deleted before. Frees the id at once.
  std::optional<bool> purge{};
};

/// Options of `list_projects`.
struct ListProjectsOptions {
  /// Maximum number of items on one page, at most 100; the service may send fewer.
  std::optional<std::int64_t> page_size{};
  /// Starts at the page of this token instead of at the first.
  std::optional<std::string> page_token{};
  /// Include soft-deleted projects.
  std::optional<bool> show_deleted{};
};

/// Its result is the new project.
using CreateProjectOperation = lakebase::Operation<Project, ProjectOperationMetadata>;
/// Its result is the changed project.
using UpdateProjectOperation = lakebase::Operation<Project, ProjectOperationMetadata>;
/// It has no result.
using DeleteProjectOperation = lakebase::Operation<void, ProjectOperationMetadata>;
/// It has no result; read the project afterwards.
using UndeleteProjectOperation = lakebase::Operation<void, ProjectOperationMetadata>;

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
