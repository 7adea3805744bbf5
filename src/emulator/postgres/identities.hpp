#pragma once

#include <string>

#include "postgres/forward_declarations.hpp"

namespace lakebase::emulator {

/// Whether the workspace knows an identity: one that the options name; without a list of them in the options, each that
/// looks like an identity of its type.
/// @param type USER, SERVICE_PRINCIPAL or GROUP
bool identity_exists(WorkspaceOptions const& options, std::string const& type, std::string const& name);

}  // namespace lakebase::emulator
