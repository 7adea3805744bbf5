#pragma once

#include <functional>
#include <string>

#include "data_plane/front/client_stream_posix.hpp"
#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {

/// Carries bytes between a client and its backend until one of them hangs up. The last bytes of the backend still reach
/// the client, and those of the client the backend. `on_traffic` is called whenever bytes arrive.
/// @param first what the backend has already sent
void relay(ClientStream& client, UniqueFd const& backend, std::string const& first,
           std::function<void()> const& on_traffic);

}  // namespace lakebase::emulator
