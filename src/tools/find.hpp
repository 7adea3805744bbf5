#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/workspace_client.hpp>

#include "tools/target.hpp"

namespace lakebase::tools {

/// What can be chosen: what is shown, and the id that it stands for.
struct Choice {
  std::string shown;
  std::string id;
};

/// What a program adds to a search.
struct Guide {
  /// Gives the id of one of the choices that the function lists. `kind` is `project`, `branch` and the like, `none` the
  /// message if there are none. Unset: the only one is taken, and several are an error that names them.
  std::function<std::string(std::string_view kind, std::function<std::vector<Choice>()> const& list,
                            std::string_view none)>
      choose{};
  /// Is told what was found: `Project: shop`.
  std::function<void(std::string const& line)> found{};
};

/// The place of a session, and as whom it is opened.
struct Login {
  std::string host;
  std::string user;
  std::string token;
};

/// The name that people gave to a project, or its id.
std::string display_name(postgres::Project const& project);

std::vector<Choice> projects_of(WorkspaceClient const& client);
std::vector<Choice> instances_of(WorkspaceClient const& client);

/// Fills in the project's id if the target has none.
/// @throws Error
void find_project(WorkspaceClient const& client, Target& target, Guide const& guide = {});

/// Fills in the id of the project's default branch if the target has no branch; it has one afterwards unless the
/// project names none.
/// @throws Error
void find_default_branch(WorkspaceClient const& client, Target& target);

/// Finds project, branch and endpoint, and fills in their ids.
/// @throws Error
postgres::Endpoint find_endpoint(WorkspaceClient const& client, Target& target, Guide const& guide = {});

/// The login at the endpoint or the instance of the target, with a new token.
/// @throws Error, also if it accepts no connections in its state
Login log_in(WorkspaceClient const& client, Target target, Guide const& guide = {});

}  // namespace lakebase::tools
