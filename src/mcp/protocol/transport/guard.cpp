#include "mcp/protocol/transport/guard.hpp"

#include <openssl/crypto.h>

#include "base/ascii.hpp"
#include "base/text/url.hpp"

namespace lakebase::mcp {
namespace {

std::string_view media_type(std::string_view field) {
  return detail::trim(field.substr(0, field.find(';')));
}

}  // namespace

bool is_local_host(std::string_view host) {
  auto const url = detail::split_url(host);
  return url.authority == host && url.user_info.empty() && detail::is_loopback(url.host);
}

bool is_local_origin(std::string_view origin) {
  auto const url = detail::split_url(origin);
  return (url.scheme == "http" || url.scheme == "https") && url.path.empty() && is_local_host(url.authority);
}

bool shows_token(std::string_view authorization, std::string const& token) {
  constexpr std::string_view scheme = "bearer ";
  if (!detail::equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return false;
  auto const shown = detail::trim(authorization.substr(scheme.size()));
  return shown.size() == token.size() && CRYPTO_memcmp(shown.data(), token.data(), token.size()) == 0;
}

bool accepts(std::string_view accept, std::string_view type) {
  while (!accept.empty()) {
    auto const comma = std::min(accept.find(','), accept.size());
    if (detail::equal_ignoring_case(media_type(accept.substr(0, comma)), type)) return true;
    accept.remove_prefix(std::min(comma + 1, accept.size()));
  }
  return false;
}

bool is_json_type(std::string_view content_type) {
  return detail::equal_ignoring_case(media_type(content_type), "application/json");
}

}  // namespace lakebase::mcp
