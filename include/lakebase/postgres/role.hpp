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

/// How a role logs in.
enum class RoleAuthMethod {
  lakebase_oauth_v1,          ///< With a token of `generate_database_credential` as its password.
  no_login,                   ///< It cannot log in.
  pg_password_scram_sha_256,  ///< With a password set in SQL, if `ProjectSpec::enable_pg_native_login` allows it.
  unrecognized,
};
constexpr std::array<std::string_view, 3> enum_names(RoleAuthMethod) {
  return {"LAKEBASE_OAUTH_V1", "NO_LOGIN", "PG_PASSWORD_SCRAM_SHA_256"};
}

/// What kind of workspace identity a role represents.
enum class RoleIdentityType {
  group,              ///< A group; its members log in by the name of the group.
  service_principal,  ///< A service principal; it logs in by its application id.
  user,               ///< A person; logs in by e-mail address.
  unrecognized,
};
constexpr std::array<std::string_view, 3> enum_names(RoleIdentityType) {
  return {"GROUP", "SERVICE_PRINCIPAL", "USER"};
}

/// A built-in role that others can belong to.
enum class RoleMembershipRole {
  databricks_superuser,  ///< The most powerful role that Lakebase grants; it is not a PostgreSQL superuser.
  unrecognized,
};
constexpr std::array<std::string_view, 1> enum_names(RoleMembershipRole) {
  return {"DATABRICKS_SUPERUSER"};
}

/// What a role may do beyond its grants. In an update each can be named alone: `spec.attributes.createdb`.
struct RoleAttributes {
  /// Ignore row-level security. Default false.
  std::optional<bool> bypassrls{};
  /// Create databases. Default false.
  std::optional<bool> createdb{};
  /// Create, change and drop other roles. Default false.
  std::optional<bool> createrole{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("bypassrls", &RoleAttributes::bypassrls);
    field("createdb", &RoleAttributes::createdb);
    field("createrole", &RoleAttributes::createrole);
  }
  friend bool operator==(RoleAttributes const&, RoleAttributes const&) = default;
};

/// Desired state of a role. Passwords are not set here but in SQL (`ALTER ROLE`).
struct RoleRoleSpec {
  /// What the role may do. Default: nothing special.
  std::optional<RoleAttributes> attributes{};
  /// How the role logs in; cannot be changed. Default: `lakebase_oauth_v1` for identities, else
  /// `pg_password_scram_sha_256`.
  std::optional<Enum<RoleAuthMethod>> auth_method{};
  /// What kind of workspace identity the role represents; cannot be changed. Unset: none, a role of PostgreSQL alone.
  std::optional<Enum<RoleIdentityType>> identity_type{};
  /// Roles it belongs to. An update replaces the whole list.
  std::vector<Enum<RoleMembershipRole>> membership_roles{};
  /// The role's name in PostgreSQL; cannot be changed. For an identity: the user's e-mail address, the service
  /// principal's application id or the group's display name; it must exist.
  std::optional<std::string> postgres_role{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("attributes", &RoleRoleSpec::attributes);
    field("auth_method", &RoleRoleSpec::auth_method);
    field("identity_type", &RoleRoleSpec::identity_type);
    field("membership_roles", &RoleRoleSpec::membership_roles);
    field("postgres_role", &RoleRoleSpec::postgres_role);
  }
  /// What a mask calls a member, for `set_fields`: the name of its group of alternatives, or nothing if no update can
  /// change it.
  static constexpr std::string_view mask_name(std::string_view member) {
    return member == "attributes" || member == "membership_roles" ? member : "";
  }
  friend bool operator==(RoleRoleSpec const&, RoleRoleSpec const&) = default;
};

/// Observed state of a role. Set by the service.
struct RoleRoleStatus {
  /// What the role may do; always all three.
  std::optional<RoleAttributes> attributes{};
  /// How it logs in.
  std::optional<Enum<RoleAuthMethod>> auth_method{};
  /// What it represents; `unrecognized` (`IDENTITY_TYPE_UNSPECIFIED` on the wire) for a role of PostgreSQL alone.
  std::optional<Enum<RoleIdentityType>> identity_type{};
  /// Roles it belongs to.
  std::vector<Enum<RoleMembershipRole>> membership_roles{};
  /// The role's name in PostgreSQL, which is the user name to connect with.
  std::optional<std::string> postgres_role{};
  /// Last part of the name.
  std::optional<std::string> role_id{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("attributes", &RoleRoleStatus::attributes);
    field("auth_method", &RoleRoleStatus::auth_method);
    field("identity_type", &RoleRoleStatus::identity_type);
    field("membership_roles", &RoleRoleStatus::membership_roles);
    field("postgres_role", &RoleRoleStatus::postgres_role);
    field("role_id", &RoleRoleStatus::role_id);
  }
  friend bool operator==(RoleRoleStatus const&, RoleRoleStatus const&) = default;
};

/// A role of a branch: it can log in to its databases and own objects there. A branch has at most 500.
struct Role {
  /// Set by the service.
  std::optional<Timestamp> create_time{};
  /// `projects/{project_id}/branches/{branch_id}/roles/{role_id}`. Set by the service.
  std::optional<std::string> name{};
  /// `projects/{project_id}/branches/{branch_id}`. Set by the service.
  std::optional<std::string> parent{};
  /// Last part of the name. Not the role's name in PostgreSQL. Set by the service.
  std::optional<std::string> role_id{};
  /// Sent in requests; the service responds with `status` instead.
  std::optional<RoleRoleSpec> spec{};
  /// Set by the service.
  std::optional<RoleRoleStatus> status{};
  /// Set by the service.
  std::optional<Timestamp> update_time{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("create_time", &Role::create_time);
    field("name", &Role::name);
    field("parent", &Role::parent);
    field("role_id", &Role::role_id);
    field("spec", &Role::spec);
    field("status", &Role::status);
    field("update_time", &Role::update_time);
  }
  friend bool operator==(Role const&, Role const&) = default;
};

/// Metadata of an operation on a role: empty so far.
struct RoleOperationMetadata {
  template <class Field>
  static constexpr void describe(Field&&) {}
  friend bool operator==(RoleOperationMetadata const&, RoleOperationMetadata const&) = default;
};

/// One page of `list_roles`, as the API sends it.
struct ListRolesResponse {
  /// Empty on the last page.
  std::optional<std::string> next_page_token{};
  /// In no documented order.
  std::vector<Role> roles{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("next_page_token", &ListRolesResponse::next_page_token);
    field("roles", &ListRolesResponse::roles);
  }
  friend bool operator==(ListRolesResponse const&, ListRolesResponse const&) = default;
};

/// What `reveal_role_password` returns.
struct RevealRolePasswordResponse {
  /// The password for PostgreSQL. Keep it out of logs.
  std::optional<std::string> password{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("password", &RevealRolePasswordResponse::password);
  }
  friend bool operator==(RevealRolePasswordResponse const&, RevealRolePasswordResponse const&) = default;
};

/// Options of `create_role`.
struct CreateRoleOptions {
  /// Replace the role if it exists, instead of failing. The new spec takes the place of the old: memberships that it
  /// does not repeat are lost.
  std::optional<bool> replace_existing{};
  /// Last part of the name: a lower-case letter, then lower-case letters, digits and hyphens, 63 in all. The service
  /// generates one if this is unset.
  std::optional<std::string> role_id{};
};

/// Options of `delete_role`.
struct DeleteRoleOptions {
  /// Full name of the role that becomes the new owner of what this one owns; the service starts a compute to do it.
  /// Without it the deletion of a role that owns something fails.
  std::optional<std::string> reassign_owned_to{};
};

/// Options of `list_roles`.
struct ListRolesOptions {
  /// Maximum number of items on one page; the service may send fewer.
  std::optional<std::int64_t> page_size{};
  /// Starts at the page of this token instead of at the first.
  std::optional<std::string> page_token{};
};

/// Its result is the new role.
using CreateRoleOperation = lakebase::Operation<Role, RoleOperationMetadata>;
/// Its result is the changed role.
using UpdateRoleOperation = lakebase::Operation<Role, RoleOperationMetadata>;
/// It has no result.
using DeleteRoleOperation = lakebase::Operation<void, RoleOperationMetadata>;

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
