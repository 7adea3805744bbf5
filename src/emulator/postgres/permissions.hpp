#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "engine/errors.hpp"
#include "postgres/forward_declarations.hpp"

namespace lakebase::emulator {

/// A permission on a project that was given to somebody.
struct PermissionRecord {
  /// user_name, group_name or service_principal_name.
  std::string kind;
  std::string principal;
  /// CAN_USE or CAN_MANAGE.
  std::string level;

  template <class Field>
  static void describe(Field&& field) {
    field("kind", &PermissionRecord::kind);
    field("principal", &PermissionRecord::principal);
    field("level", &PermissionRecord::level);
  }
};

enum class PermissionLevel { can_use, can_manage };

/// Whether an identity may use or manage a project. The user of the workspace is an admin and may do all. As long as
/// nobody has changed the project's permissions, so may everybody else, as on an emulator before there were any.
bool is_permitted(WorkspaceOptions const& options, ProjectRecord const& project, Identity const& who,
                  PermissionLevel level);

/// The permissions on projects: `/api/2.0/permissions/database-projects/{project_id}`.
class Permissions {
 public:
  explicit Permissions(Workspace& workspace) : workspace_(workspace) {}

  void routes(Router& router);

  Json get(std::string const& project_id) const;
  /// `PATCH`: adds entries, or gives those who have one another level.
  Json add(std::string const& project_id, Call const& call);
  /// `PUT`: the entries take the place of all that were given before.
  Json replace(std::string const& project_id, Call const& call);

  /// Whether the caller may make this call; calls that are about no project are nobody's business here.
  /// @throws ServiceError 403 that names the project and the permission that is missing
  void require(std::string_view method, Call const& call) const;

 private:
  std::vector<PermissionRecord> entries(Call const& call) const;

  Workspace& workspace_;
};

}  // namespace lakebase::emulator
