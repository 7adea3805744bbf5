#pragma once

#include <string>
#include <string_view>

#include <lakebase/config.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// `product/1.0.0 databricks-sdk-cpp/0.1.0 cpp/20 os/linux auth/pat …`: identifies the program, in the form that the
/// other SDKs use.
class UserAgent {
 public:
  /// Looks in the environment for what this program runs in: CI systems, agents, the runtime.
  /// @throws ConfigError if product, version or an extra part has characters that do not belong there
  explicit UserAgent(Config const& config);

  /// Without the authentication: for requests for a token.
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
