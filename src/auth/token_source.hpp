#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <lakebase/clock.hpp>
#include <lakebase/credentials.hpp>

#include "base/refreshing_value.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// A bearer token and how long it is good.
struct Token {
  std::string access_token{};
  std::string token_type = "Bearer";
  /// Unset: it does not expire.
  std::optional<std::chrono::system_clock::time_point> expiry{};
  std::string refresh_token{};
  /// `Authorization` of a request.
  std::string authorization() const { return token_type + ' ' + access_token; }
};

/// A token that is fetched when it is needed and kept while it is good; see RefreshingValue.
class TokenSource {
 public:
  /// `rejected`: a token that the server has refused, if any, and that should not be returned again.
  using Fetch = std::function<Token(CredentialsLimits const&, std::string_view rejected)>;

  /// `refresh_early`: whether to fetch a new token before the old one expires.
  TokenSource(Fetch fetch, std::shared_ptr<Clock> clock, bool refresh_early = true);

  /// A token that is good for 40 s at least.
  /// @throws what the fetch throws; Cancelled; AuthError if the time is over
  std::shared_ptr<Token const> token(CredentialsLimits const& limits);

  /// Drops the token if it is this one. @return whether the next token will be another one
  bool invalidate(std::string_view access_token);

 private:
  using Tokens = RefreshingValue<Token>;

  Fetch const fetch_;
  std::shared_ptr<Clock> const clock_;
  Tokens tokens_;
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
