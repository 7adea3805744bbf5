#pragma once

#include <string>
#include <string_view>

#include "http/http_message.hpp"

namespace lakebase::emulator {

/// Keeps pages in browsers out. A page of any site can send requests to loopback addresses, and, by a name of its own
/// that it lets stand for such an address, read the answers, too. What gives it away is the name that it calls by, and
/// what the browser tells of the page; programs call by a loopback address and tell nothing.
///
/// @param address where the server listens
/// @throws ServiceError where a page calls, or may be one
void refuse_pages(HttpRequest const& request, std::string_view address);

}  // namespace lakebase::emulator
