#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <chrono>

#include <lakebase/export.hpp>
#include <lakebase/transport.hpp>

namespace lakebase {
inline namespace v0 {

/// What bounds the work of a strategy during one call.
struct CredentialsLimits {
  /// When the call that wants the headers has to be over, by the client's clock (`Config::clock`); none: no bound.
  std::optional<std::chrono::steady_clock::time_point> deadline{};
  /// Ends the work at once, with Cancelled.
  std::stop_token stop{};
};

/// Puts a caller's identity on requests. Implementations must be safe to use from several threads at once.
class LAKEBASE_EXPORT CredentialsStrategy {
 public:
  virtual ~CredentialsStrategy() = default;

  /// The strategy's name, e.g. `pat`; it goes into the User-Agent and into error messages.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// The headers of one request, `Authorization` and what belongs to it. Called for every attempt: cache tokens.
  /// @throws AuthError where no credentials can be had
  [[nodiscard]] virtual Headers headers(CredentialsLimits const& limits) = 0;

  /// Tells that the server refused the headers that were given last, so that a cached token is dropped.
  /// @return whether the next `headers` can be any better
  virtual bool invalidate(Headers const& refused) {
    static_cast<void>(refused);
    return false;
  }
};

/// A strategy made of a function that returns the headers of one request.
[[nodiscard]] LAKEBASE_EXPORT std::shared_ptr<CredentialsStrategy> make_credentials_strategy(
    std::string name, std::function<Headers(CredentialsLimits const&)> headers);

}  // namespace v0
}  // namespace lakebase
