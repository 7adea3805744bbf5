#pragma once

#include <string>
#include <string_view>

#include "http/http_message.hpp"

namespace lakebase::emulator {

/// Keeps pages in browsers out. A page of any site can send requests to loopback addresses, and read the responses,
/// too, if a name of its own site resolves to such an address (DNS rebinding). The `Host` header and what the browser
/// tells of the page give it away; programs call by a loopback address and send no such headers.
///
/// @param address the server's own
/// @param may_call pages may, by an address of the server; who calls is told by a token
/// @throws ServiceError if the caller is, or may be, a page
void refuse_pages(HttpRequest const& request, std::string_view address, bool may_call = false);

}  // namespace lakebase::emulator
