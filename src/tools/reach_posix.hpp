#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace lakebase::tools {

/// The addresses of a host, looked up by the system within a time.
/// @throws Error with the system's reason, or if it takes longer; Cancelled after a stop request
std::vector<std::string> look_up(std::string const& host, std::chrono::nanoseconds limit,
                                 std::stop_token const& stop = {});

/// Opens a TCP connection to one of several addresses, closes it, and gives the address. Each address has its part of
/// the time.
/// @throws Error with the reason of the last one; Cancelled after a stop request
std::string reach(std::vector<std::string> const& addresses, std::uint16_t port, std::chrono::nanoseconds limit,
                  std::stop_token const& stop = {});

}  // namespace lakebase::tools
