#include "http/redirects.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "http/ascii.hpp"
#include "http/error_mapping.hpp"

namespace lakebase::inline v0::detail {

namespace {

struct UrlParts {
  std::string_view scheme;
  std::string_view authority;
  std::string_view path;  // with the query
};

UrlParts split(std::string_view url) {
  auto const colon = url.find("://");
  if (colon == std::string_view::npos) return {{}, {}, url};
  auto const path = std::min(url.find_first_of("/?#", colon + 3), url.size());
  return {url.substr(0, colon), url.substr(colon + 3, path - colon - 3), url.substr(path)};
}

// The URL that `location` means, seen from `base`.
std::string resolve(std::string_view base, std::string_view location) {
  auto const target = location.substr(0, location.find('#'));
  if (target.find("://") != std::string_view::npos) return std::string{target};
  auto const parts = split(base);
  std::string result{parts.scheme};
  if (target.starts_with("//")) return result.append(":").append(target);
  result.append("://").append(parts.authority);
  if (target.starts_with("/")) return result.append(target);
  auto const path = parts.path.substr(0, parts.path.find_first_of("?#"));
  if (target.starts_with("?")) return result.append(path).append(target);
  auto const folder = path.rfind('/');
  result.append(folder == std::string_view::npos ? "/" : path.substr(0, folder + 1));
  return result.append(target);
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// What another host may be told. Everything else may identify the caller or be a secret of the program's.
bool may_cross(std::string_view name) {
  return equal_ignoring_case(name, "Accept") || equal_ignoring_case(name, "User-Agent");
}

}  // namespace

HttpResponse send_following_redirects(Transport& transport, HttpRequest const& request,
                                      std::function<TransportLimits()> const& limits) {
  constexpr int most = 5;
  auto response = transport.send(request, limits());
  if (response.status < 300 || response.status >= 400) return response;
  HttpRequest next = request;
  for (int count = 0;; ++count) {
    if (is_private_link_page(response, next.url)) {
      refuse_private_link_page(response, next.url,
                               {.method = request.method, .path = std::string{split(next.url).path}});
    }
    auto const location = find_header(response.headers, "Location");
    if (request.method != "GET" || !is_redirect(response.status) || !location || count == most) return response;
    auto const target = resolve(next.url, *location);
    auto const from = split(next.url);
    auto const to = split(target);
    if (!equal_ignoring_case(from.scheme, to.scheme)) return response;
    if (!equal_ignoring_case(from.authority, to.authority)) {
      std::erase_if(next.headers, [](auto const& header) { return !may_cross(header.first); });
    }
    next.url = target;
    response = transport.send(next, limits());
    response.effective_url = next.url;
  }
}

}  // namespace lakebase::inline v0::detail
