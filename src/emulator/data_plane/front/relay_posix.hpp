#pragma once

#include <functional>
#include <string>

#include "data_plane/front/client_stream_posix.hpp"
#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {

/// Carries bytes between a client and its backend until one of them hangs up. What the backend said last reaches the
/// client; what the client sent last reaches the backend. `on_traffic` is called for every piece.
/// @param first what the backend has already said
void relay(ClientStream& client, UniqueFd const& backend, std::string const& first,
           std::function<void()> const& on_traffic);

}  // namespace lakebase::emulator
