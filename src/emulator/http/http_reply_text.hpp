#pragma once

#include <string>

#include "http/http_message.hpp"

namespace lakebase::emulator {

/// A response as it goes over the wire.
/// @param bodiless for HEAD
std::string reply_text(HttpReply const& reply, bool bodiless, bool keeps_alive);

}  // namespace lakebase::emulator
