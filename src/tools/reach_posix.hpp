#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace lakebase::tools {

/// The addresses of a host, looked up by the system within a time.
/// @throws Error with the system's reason, or if it takes longer
std::vector<std::string> look_up(std::string const& host, std::chrono::nanoseconds limit);

/// Opens a TCP connection to one of several addresses, closes it, and gives the address. Each address has its part of
/// the time.
/// @throws Error with the reason of the last one
std::string reach(std::vector<std::string> const& addresses, std::uint16_t port, std::chrono::nanoseconds limit);

}  // namespace lakebase::tools
