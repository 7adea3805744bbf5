#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// A workspace URL taken apart and put together again.
struct Host {
  /// `https://name[:port]`, lower case.
  std::string url{};
  std::string scheme{};
  /// Without the port.
  std::string name{};
  /// From the query of a URL that was copied out of the browser.
  std::string workspace_id{};
  std::string account_id{};
  std::vector<std::string> warnings{};
};

/// Reads what people give as a host: with or without scheme, path, query, user info.
/// @throws ConfigError if it is not a host
Host parse_host(std::string_view text);

/// Whether it is the console of an account, where workspace calls do not work.
bool is_account_host(std::string_view url);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
