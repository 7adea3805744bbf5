#include "base/text/url.hpp"

#include <algorithm>
#include <cstddef>

#include "base/ascii.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr std::string_view scheme_end = "://";

// Where the authority begins.
std::size_t authority_begin(std::string_view text) noexcept {
  auto const end = text.find(scheme_end);
  return end == std::string_view::npos ? 0 : end + scheme_end.size();
}

std::size_t authority_end(std::string_view text) noexcept {
  return std::min(text.find_first_of("/?#", authority_begin(text)), text.size());
}

// `[user_info@]host[:port]`, where the host may be `[::1]`.
void split_authority(Url& url) noexcept {
  auto place = url.authority;
  if (auto const at = place.rfind('@'); at != std::string_view::npos) {
    url.user_info = place.substr(0, at);
    place.remove_prefix(at + 1);
  }
  auto const bracket = place.find(']');
  auto const colon = place.find(':', bracket == std::string_view::npos ? 0 : bracket);
  url.host = place.substr(0, colon);
  url.has_port = colon != std::string_view::npos;
  if (url.has_port) url.port = place.substr(colon + 1);
}

}  // namespace

Url split_url(std::string_view text) noexcept {
  auto const begin = authority_begin(text);
  auto const end = authority_end(text);
  Url url{.rest = text.substr(begin), .authority = text.substr(begin, end - begin)};
  if (begin > 0) url.scheme = text.substr(0, begin - scheme_end.size());
  split_authority(url);
  auto const target = text.substr(end, text.find('#', end) - end);
  auto const question = std::min(target.find('?'), target.size());
  url.path = target.substr(0, question);
  url.query = target.substr(std::min(question + 1, target.size()));
  return url;
}

bool has_scheme(std::string_view text) noexcept {
  return text.find(scheme_end) != std::string_view::npos;
}

std::string_view origin_of(std::string_view url) noexcept {
  return url.substr(0, authority_end(url));
}

std::string_view target_of(std::string_view url) noexcept {
  return url.substr(authority_end(url));
}

std::string_view without_query(std::string_view url) noexcept {
  return url.substr(0, url.find('?'));
}

bool is_loopback(std::string_view host) noexcept {
  if (host == "::1" || host == "[::1]" || equal_ignoring_case(host, "localhost")) return true;
  if (host.size() > 10 && equal_ignoring_case(host.substr(host.size() - 10), ".localhost")) return true;
  // 127.0.0.0/8 in digits only: `127.example.com` is somebody else's.
  return host.starts_with("127.") && std::count(host.begin(), host.end(), '.') == 3 &&
         std::all_of(host.begin(), host.end(), [](char c) { return is_digit(c) || c == '.'; });
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
