#pragma once

#include <string>

#include <lakebase/workspace_client.hpp>

#include "cli/connect/target.hpp"

namespace lakebase::cli {

/// The place of a session, and as whom it is opened.
struct Login {
  std::string host;
  std::string user;
  std::string token;
};

/// Finds the endpoint or the instance, telling what it finds; asks on the terminal if there are several. Gives a login
/// with a new token.
/// @throws Failure
Login resolve(WorkspaceClient const& client, Target target);

}  // namespace lakebase::cli
