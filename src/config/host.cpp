#include "config/host.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "base/ascii.hpp"
#include "base/redaction.hpp"
#include "base/text/url.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

// Without anything that may be a user and a password, however malformed, and without the path, which may be a secret.
std::string shown(std::string_view text) {
  std::string_view in_place_of_user;
  if (auto const at = text.rfind('@'); at != std::string_view::npos) {
    in_place_of_user = hidden;
    text.remove_prefix(at);
  }
  return fmt::format("{}{}", in_place_of_user, one_line(shorten(origin_of(text), 128)));
}

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw ConfigError{ErrorFacts{.message = fmt::format("the host \"{}\" {}", shown(text), why),
                               .hint = "A host looks like https://example.cloud.databricks.com."}};
}

bool is_int64(std::string_view text) {
  std::int64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && error == std::errc{} && end == text.data() + text.size();
}

std::string_view parameter(std::string_view query, std::string_view key) {
  while (!query.empty()) {
    auto const part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    auto const equals = part.find('=');
    if (part.substr(0, equals) == key && equals != std::string_view::npos) return part.substr(equals + 1);
  }
  return {};
}

// The query of a unified host's URL carries the ids: `w` with any text, `o` and `workspace_id` with a number.
void read_ids(std::string_view query, Host& host) {
  host.workspace_id = parameter(query, "w");
  for (std::string_view const key : {"o", "workspace_id"}) {
    if (host.workspace_id.empty() && is_int64(parameter(query, key))) host.workspace_id = parameter(query, key);
  }
  host.account_id = parameter(query, "a");
  if (host.account_id.empty()) host.account_id = parameter(query, "account_id");
}

void read_name_and_port(Url const& url, std::string_view text, Host& host) {
  host.name = lower(url.host);
  if (host.name.empty()) refuse(text, "has no name");
  for (char const c : host.name) {
    if (!is_alnum(c) && c != '.' && c != '-' && c != '_' && c != '[' && c != ']' && c != ':') {
      refuse(text, "has a character that a host name cannot have");
    }
  }
  host.url = host.scheme + "://" + host.name;
  if (!url.has_port) return;
  auto const port = url.port;
  int number = 0;
  auto const [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc{} || end != port.data() + port.size() || number < 1 || number > 65535) {
    refuse(text, "has an invalid port");
  }
  bool const is_usual = (host.scheme == "https" && number == 443) || (host.scheme == "http" && number == 80);
  if (!is_usual) host.url += fmt::format(":{}", number);
}

}  // namespace

Host parse_host(std::string_view text) {
  auto const trimmed = trim(text);
  auto const url = split_url(trimmed);
  Host host{.scheme = has_scheme(trimmed) ? lower(url.scheme) : "https"};
  if (host.scheme != "https" && host.scheme != "http") refuse(text, "has a scheme other than https");
  read_ids(url.query, host);
  if (url.authority.find('@') != std::string_view::npos) {
    host.warnings.push_back("the user and password in the host's URL are ignored; set token or username and password");
  }
  read_name_and_port(url, text, host);
  return host;
}

bool is_account_host(std::string_view url) {
  return url.starts_with("https://accounts.") || url.starts_with("https://accounts-dod.");
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
