#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Checks the URL of a proxy, `[scheme://][user:password@]host[:port]`, before libcurl gets it: libcurl quotes what it
/// cannot read, and ignores some mistakes in silence. `source` is the setting or variable that holds it.
/// @throws ConfigError naming `source` and what is wrong, but no part of the URL
void check_proxy(std::string_view url, std::string_view source);

/// The secrets in the URL of a proxy: user info and password, as written and decoded.
std::vector<std::string> secrets_of_proxy(std::string_view url);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
