#pragma once

#include <initializer_list>
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

/// A text in a body that nobody has checked yet; empty if there is none at this place.
std::string text_at(Json const& body, std::initializer_list<char const*> names);

/// What permissions are given on: projects, or what another API makes of them.
struct PermissionScope {
  /// In paths: `database-projects`.
  std::string_view type;
  /// In errors: `project`.
  std::string_view noun;
  /// The project of that name. @throws ServiceError if there is none
  ProjectRecord const& (*live)(State const& state, std::string const& name);
  /// The names that a call is about; those that are not there are no matter of permissions.
  std::vector<std::string> (*named_by)(State const& state, Call const& call);
  ProjectRecord const* (*find)(State const& state, std::string const& name);
};

/// The permissions on projects, `/api/2.0/permissions/database-projects/{project_id}`, and on the other scopes.
class Permissions {
 public:
  Permissions(Workspace& workspace, std::vector<PermissionScope> others);

  void routes(Router& router);

  /// Whether the caller may make this call; calls that are about nothing with permissions are nobody's business here.
  /// @throws ServiceError 403 that names what the call is about and the permission that is missing
  void require(std::string_view method, Call const& call) const;

 private:
  Json get(PermissionScope const& scope, std::string const& name) const;
  /// `PATCH`: adds entries, or gives those who have one another level.
  Json add(PermissionScope const& scope, std::string const& name, Call const& call);
  /// `PUT`: the entries take the place of all that were given before.
  Json replace(PermissionScope const& scope, std::string const& name, Call const& call);
  std::vector<PermissionRecord> entries(Call const& call) const;

  Workspace& workspace_;
  std::vector<PermissionScope> scopes_;
};

}  // namespace lakebase::emulator
