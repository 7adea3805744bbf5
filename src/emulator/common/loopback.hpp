#pragma once

#include <string_view>

namespace lakebase::emulator {

/// Whether a text is an IPv4 address of this machine alone: 127.x.y.z with all four numbers.
bool is_loopback_v4(std::string_view text);
/// The same, or the IPv6 address `::1`.
bool is_loopback(std::string_view text);

}  // namespace lakebase::emulator
