#include "config/proxy.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "base/ascii.hpp"
#include "base/text/percent.hpp"
#include "base/text/url.hpp"
#include "config/host.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

struct Parts {
  std::string_view scheme;
  std::string_view user_info;
  std::string_view place;  // host and port, and anything else after the user info
};

// The last @ ends the user info, so that a password is found as a whole even if its characters are not encoded.
Parts split(std::string_view url) {
  auto const whole = split_url(url);
  Parts parts{.scheme = whole.scheme, .user_info = {}, .place = whole.rest};
  if (auto const at = parts.place.rfind('@'); at != std::string_view::npos) {
    parts.user_info = parts.place.substr(0, at);
    parts.place.remove_prefix(at + 1);
  }
  return parts;
}

bool is_known_scheme(std::string_view scheme) {
  static constexpr std::array<std::string_view, 7> known{"", "http", "https", "socks4", "socks4a", "socks5", "socks5h"};
  return std::any_of(known.begin(), known.end(), [&](auto name) { return equal_ignoring_case(name, scheme); });
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_control);
}

std::string_view why_not(Parts const& parts) {
  if (!is_known_scheme(parts.scheme)) return "has a scheme other than http, https, socks4, socks4a, socks5, socks5h";
  if (parts.user_info.find_first_of("/?# @\\") != std::string_view::npos) {
    return "has a character in its user or password that has to be percent-encoded, such as # as %23 and / as %2F";
  }
  if (has_control(percent_decode(parts.user_info))) return "has a control character in its user or password";
  auto const place = parts.place.substr(0, parts.place.find_first_of("/?#"));
  try {
    parse_host(place);  // accepts a name and perhaps a port
  } catch (ConfigError const&) {
    return "names no host, or has an invalid port";
  }
  return {};
}

}  // namespace

void check_proxy(std::string_view url, std::string_view source) {
  if (url.empty()) return;
  auto const reason = why_not(split(trim(url)));
  if (reason.empty()) return;
  throw ConfigError{ErrorFacts{
      .message = fmt::format("the URL of the proxy in {} {}", source, reason),
      .hint = "A proxy looks like http://proxy.example.com:3128; user and password go percent-encoded before "
              "the host, with a colon between them and an @ after them."}};
}

std::vector<std::string> secrets_of_proxy(std::string_view url) {
  auto const info = split(url).user_info;
  if (info.empty()) return {};
  auto const colon = info.find(':');
  auto const password = colon == std::string_view::npos ? std::string_view{} : info.substr(colon + 1);
  return {std::string{info}, percent_decode(info), std::string{password}, percent_decode(password)};
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
