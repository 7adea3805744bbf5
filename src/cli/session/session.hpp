#pragma once

#include <stop_token>

#include <lakebase/workspace_client.hpp>

#include "cli/parse/settings.hpp"

namespace lakebase::cli {

/// The workspace that the settings name. Sends nothing.
/// @throws ConfigError
WorkspaceClient workspace(Settings const& settings, std::stop_token stop = {});

/// What is printed after `Error: `.
std::string message_of(std::exception const& error);

}  // namespace lakebase::cli
