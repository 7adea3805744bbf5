#pragma once

#include <stop_token>

#include <lakebase/workspace_client.hpp>

#include "cli/parse/settings.hpp"
#include "tools/errors.hpp"

namespace lakebase::cli {

/// The workspace that the settings name. Sends nothing.
/// @throws ConfigError
WorkspaceClient workspace(Settings const& settings, std::stop_token stop = {});

using tools::message_of;  // printed after `Error: `

}  // namespace lakebase::cli
