#include "http/browser_guard.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "common/loopback.hpp"
#include "common/shown.hpp"
#include "engine/errors.hpp"

namespace lakebase::emulator {
namespace {

ServiceError refused(std::string const& why) {
  return {403, "PERMISSION_DENIED", why};
}

bool is_port(std::string_view text) {
  return text.size() <= 5 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The name or address in front of the port, in lower case; empty if the value is not a host.
std::string host_in(std::string_view value) {
  auto const bracket = value.starts_with('[') ? value.find(']') : std::size_t{0};
  auto const colon = bracket == std::string_view::npos ? bracket : value.find(':', bracket);
  auto const end = std::min(colon, value.size());
  if (bracket == std::string_view::npos || !is_port(value.substr(std::min(end + 1, value.size())))) return {};
  return to_lower(value.substr(0, end));
}

bool is_own_name(std::string const& host, std::string_view address) {
  return host == "localhost" || host == "[::1]" || is_loopback_v4(host) || host == address ||
         host == fmt::format("[{}]", address);
}

}  // namespace

void refuse_pages(HttpRequest const& request, std::string_view address, bool may_call) {
  if (!request.host.empty() && !is_own_name(host_in(request.host), address)) {
    throw refused(
        fmt::format("The emulator is called by a loopback address or as localhost, not as {}.", shown(request.host)));
  }
  if (may_call) return;
  if (!request.origin.empty()) {
    throw refused(fmt::format("The emulator takes no requests from pages in a browser; the header 'Origin' names {}.",
                              shown(request.origin)));
  }
  // `none` means that a person typed the address.
  if (!request.fetch_site.empty() && request.fetch_site != "none") {
    throw refused(
        fmt::format("The emulator takes no requests from pages in a browser; the header 'Sec-Fetch-Site' says {}.",
                    shown(request.fetch_site)));
  }
}

}  // namespace lakebase::emulator
