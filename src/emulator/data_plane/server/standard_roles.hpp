#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lakebase::emulator {

/// Who may have a role that PostgreSQL itself defines.
enum class PredefinedRoleUse {
  service,   ///< databricks_superuser is a member, as in the service.
  included,  ///< It comes with one of those.
  implicit,  ///< A database's owner, by PostgreSQL's own rule; it cannot be granted.
  refused,   ///< Nobody.
};

/// None for a name that is no predefined role of PostgreSQL 14 to 18.
std::optional<PredefinedRoleUse> predefined_role_use(std::string_view name);

/// The statement that puts the roles of a branch in order, whatever was done to them: databricks_superuser is there and
/// has what the service gives it, nobody else is a superuser, and nobody has a refused role or, below PostgreSQL 16,
/// can grant it. To be run before anybody logs in.
std::string standard_roles_sql(int version);

}  // namespace lakebase::emulator
