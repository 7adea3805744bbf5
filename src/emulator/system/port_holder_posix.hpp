#pragma once

#include <cstdint>
#include <string>

namespace lakebase::emulator {

/// Who listens on a TCP port at an address, or at all addresses, in words for an error: `process 1234 (postgres)`, and
/// of an emulator also where its data is. Empty: nobody, or it cannot be known, as of other accounts' processes.
[[nodiscard]] std::string port_holder(std::string const& address, std::uint16_t port);

}  // namespace lakebase::emulator
