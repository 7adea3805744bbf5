#pragma once

#include <string>
#include <string_view>

namespace lakebase::emulator {

/// What a client sent, quoted for a log or an error: shortened, and with `?` for control characters and all others that
/// a line of the log or a terminal may take for something else.
std::string shown(std::string_view text);

}  // namespace lakebase::emulator
