#pragma once

#include <string>

#include "data_plane/server/sql_session.hpp"

namespace lakebase::emulator {

/// For the emulator's own sessions with a server of this major version: whatever settings the endpoint, the database or
/// a role has, they find what they name, may write, and are not ended.
SessionSettings own_session_settings(int version);

/// The same for a standby's connection to its primary, as start-up options.
std::string own_replication_options();

}  // namespace lakebase::emulator
