#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/database/common.hpp>
#include <lakebase/enum.hpp>

namespace lakebase {
inline namespace v0 {
namespace database {

/// What a role represents.
enum class DatabaseInstanceRoleIdentityType {
  group,              ///< A group; its members log in by the name of the group.
  pg_only,            ///< Nobody in the workspace: a role of PostgreSQL alone.
  service_principal,  ///< A service principal; it logs in by its application id.
  user,               ///< A person; logs in by e-mail address.
  unrecognized,
};
constexpr std::array<std::string_view, 4> enum_names(DatabaseInstanceRoleIdentityType) {
  return {"GROUP", "PG_ONLY", "SERVICE_PRINCIPAL", "USER"};
}

/// A built-in role that others can belong to.
enum class DatabaseInstanceRoleMembershipRole {
  databricks_superuser,  ///< The most powerful role that Lakebase grants; it is not a PostgreSQL superuser.
  unrecognized,
};
constexpr std::array<std::string_view, 1> enum_names(DatabaseInstanceRoleMembershipRole) {
  return {"DATABRICKS_SUPERUSER"};
}

/// What a role may do beyond its grants.
struct DatabaseInstanceRoleAttributes {
  /// Ignore row-level security. Default false.
  std::optional<bool> bypassrls{};
  /// Create databases. Default false.
  std::optional<bool> createdb{};
  /// Create, change and drop other roles. Default false.
  std::optional<bool> createrole{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("bypassrls", &DatabaseInstanceRoleAttributes::bypassrls);
    field("createdb", &DatabaseInstanceRoleAttributes::createdb);
    field("createrole", &DatabaseInstanceRoleAttributes::createrole);
  }
  friend bool operator==(DatabaseInstanceRoleAttributes const&, DatabaseInstanceRoleAttributes const&) = default;
};

/// A role of an instance: it can log in and own objects there.
struct DatabaseInstanceRole {
  /// Required. Its name in PostgreSQL. For an identity: the user's e-mail address, the service principal's application
  /// id or the group's display name.
  std::optional<std::string> name{};
  /// What the role may do. Default: nothing special.
  std::optional<DatabaseInstanceRoleAttributes> attributes{};
  /// What the role may do now. Set by the service.
  std::optional<DatabaseInstanceRoleAttributes> effective_attributes{};
  /// What the role represents.
  std::optional<Enum<DatabaseInstanceRoleIdentityType>> identity_type{};
  /// The instance that it is in. Set by the service.
  std::optional<std::string> instance_name{};
  /// A role that it belongs to.
  std::optional<Enum<DatabaseInstanceRoleMembershipRole>> membership_role{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("name", &DatabaseInstanceRole::name);
    field("attributes", &DatabaseInstanceRole::attributes);
    field("effective_attributes", &DatabaseInstanceRole::effective_attributes);
    field("identity_type", &DatabaseInstanceRole::identity_type);
    field("instance_name", &DatabaseInstanceRole::instance_name);
    field("membership_role", &DatabaseInstanceRole::membership_role);
  }
  friend bool operator==(DatabaseInstanceRole const&, DatabaseInstanceRole const&) = default;
};

/// One page of `list_database_instance_roles`, as the API sends it.
struct ListDatabaseInstanceRolesResponse {
  /// In no documented order.
  std::vector<DatabaseInstanceRole> database_instance_roles{};
  /// Empty on the last page.
  std::optional<std::string> next_page_token{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("database_instance_roles", &ListDatabaseInstanceRolesResponse::database_instance_roles);
    field("next_page_token", &ListDatabaseInstanceRolesResponse::next_page_token);
  }
  friend bool operator==(ListDatabaseInstanceRolesResponse const&, ListDatabaseInstanceRolesResponse const&) = default;
};

/// Options of `create_database_instance_role`.
struct CreateDatabaseInstanceRoleOptions {
  /// The instance, once more, as the API has it; the service goes by the path.
  std::optional<std::string> database_instance_name{};
};

/// Options of `delete_database_instance_role`.
struct DeleteDatabaseInstanceRoleOptions {
  /// Succeed if there is no such role. Default false.
  std::optional<bool> allow_missing{};
  /// Name of the role that becomes the owner of what this one owns. Without it the deletion of a role that owns
  /// something fails.
  std::optional<std::string> reassign_owned_to{};
};

/// Options of `list_database_instance_roles`.
struct ListDatabaseInstanceRolesOptions {
  /// Maximum number of items on one page, at most 100; the service may send fewer.
  std::optional<std::int64_t> page_size{};
  /// Starts at the page of this token instead of at the first.
  std::optional<std::string> page_token{};
};

/// Options of `update_database_instance_role`.
struct UpdateDatabaseInstanceRoleOptions {
  /// The instance, once more, as the API has it; the service goes by the path.
  std::optional<std::string> database_instance_name{};
};

}  // namespace database
}  // namespace v0
}  // namespace lakebase
