#pragma once

#include <cstdint>
#include <string>

namespace lakebase::emulator {

/// Which process listens on a TCP port at an address, or at all addresses, as text for an error: `process 1234
/// (postgres)`, for an emulator with its data folder, or at least the account. Empty if no listener is found.
[[nodiscard]] std::string port_holder(std::string const& address, std::uint16_t port);

}  // namespace lakebase::emulator
