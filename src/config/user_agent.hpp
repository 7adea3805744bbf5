#pragma once

#include <string>
#include <string_view>

#include <lakebase/config.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// `product/1.0.0 databricks-sdk-cpp/0.1.0 cpp/20 os/linux auth/pat …`: who calls, as the other SDKs say it.
class UserAgent {
 public:
  /// Looks at the environment for the programs that this one runs in: CI systems, agents, the runtime.
  /// @throws ConfigError where product, version or an extra part has characters that do not belong there
  explicit UserAgent(Config const& config);

  /// Without the authentication: for requests that get a token.
  std::string base() const { return head_ + tail_; }
  std::string with_auth(std::string_view auth) const;

 private:
  std::string head_;
  std::string tail_;
};

/// `[0-9A-Za-z_.+-]+`.
bool is_user_agent_word(std::string_view text) noexcept;

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
