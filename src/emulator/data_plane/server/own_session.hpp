#pragma once

#include <string>

#include "data_plane/server/sql_session.hpp"

namespace lakebase::emulator {

/// Settings for the emulator's own sessions with a server of this major version. Whatever settings the endpoint, the
/// database or a role has, these sessions resolve names as expected, may write, and are not ended by a timeout. Only a
/// statement that waits for a lock, e.g. that of a client's idle transaction, fails after 10 s, with 55P03.
SessionSettings own_session_settings(int version);

/// The same for a standby's connection to its primary, as start-up options.
std::string own_replication_options();

}  // namespace lakebase::emulator
