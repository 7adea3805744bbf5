#include "http/redirects.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/ascii.hpp"
#include "base/text/url.hpp"
#include "http/error_mapping.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

// The URL that `location` means, relative to `base`.
std::string resolve(std::string_view base, std::string_view location) {
  auto const target = location.substr(0, location.find('#'));
  if (has_scheme(target)) return std::string{target};
  auto const parts = split_url(base);
  std::string result{parts.scheme};
  if (target.starts_with("//")) return result.append(":").append(target);
  result.append("://").append(parts.authority);
  if (target.starts_with("/")) return result.append(target);
  if (target.starts_with("?")) return result.append(parts.path).append(target);
  auto const folder = parts.path.rfind('/');
  result.append(folder == std::string_view::npos ? "/" : parts.path.substr(0, folder + 1));
  return result.append(target);
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Whether the header field may be sent to another host. All others may identify the caller or be secrets of the
// program.
bool may_cross(std::string_view name) {
  return equal_ignoring_case(name, "Accept") || equal_ignoring_case(name, "User-Agent");
}

bool names_user(Url const& url) {
  return url.authority.find('@') != std::string_view::npos;
}

// Redirects to another host are followed, as in the official SDKs: workspaces move, and gateways redirect. The request
// does not identify the caller there, and the workspace, whose TLS was verified, has named the host.
std::string_view why_not_follow(HttpRequest const& request, int status, std::string_view target, int followed) {
  constexpr int most = 5;
  if (!is_redirect(status)) return "its status is not one to follow";
  if (request.method != "GET") return "only reads are sent elsewhere";
  if (target.empty()) return "it names no target";
  auto const to = split_url(target);
  if (!equal_ignoring_case(split_url(request.url).scheme, to.scheme)) return "it leads to another scheme";
  // The transport would log in with it.
  if (names_user(to)) return "it names a user to log in as";
  if (followed == most) return "five redirects in a row were followed before it, perhaps in a loop";
  return {};
}

}  // namespace

Followed send_following_redirects(Transport& transport, HttpRequest const& request,
                                  std::function<TransportLimits()> const& limits) {
  auto response = transport.send(request, limits());
  if (response.status < 300 || response.status >= 400) return {.response = std::move(response)};
  HttpRequest next = request;
  for (int followed = 0; response.status >= 300 && response.status < 400; ++followed) {
    if (is_private_link_page(response, next.url)) {
      refuse_private_link_page(response, next.url,
                               {.method = request.method, .path = std::string{target_of(next.url)}});
    }
    auto const location = find_header(response.headers, "Location");
    auto target = location ? resolve(next.url, *location) : std::string{};
    if (auto const why_not = why_not_follow(next, response.status, target, followed); !why_not.empty()) {
      return {std::move(response), std::move(target), why_not};
    }
    if (!equal_ignoring_case(split_url(next.url).authority, split_url(target).authority)) {
      std::erase_if(next.headers, [](auto const& header) { return !may_cross(header.first); });
    }
    next.url = std::move(target);
    response = transport.send(next, limits());
    response.effective_url = next.url;
  }
  return {.response = std::move(response)};
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
