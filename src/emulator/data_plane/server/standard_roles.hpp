#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lakebase::emulator {

/// Who may have a predefined role of PostgreSQL.
enum class PredefinedRoleUse {
  service,   ///< databricks_superuser is a member, as in the service.
  included,  ///< It is included in one of those.
  implicit,  ///< A database's owner, by PostgreSQL's own rule; it cannot be granted.
  refused,   ///< Nobody.
};

/// None if the name is not a predefined role of PostgreSQL 14 to 18.
std::optional<PredefinedRoleUse> predefined_role_use(std::string_view name);

/// The statement that restores the standard roles of a branch, whatever was done to them: databricks_superuser exists
/// and has what the service grants it, no other role than the emulator's is a superuser, and nobody has a refused role
/// or, before PostgreSQL 16, can grant it. To be run before anybody logs in.
std::string standard_roles_sql(int version);

/// The statements that set up a database of a new branch: databricks_superuser has all rights on the schema public, as
/// in the service, and nobody makes publications or subscriptions.
std::string standard_schema_sql();

}  // namespace lakebase::emulator
