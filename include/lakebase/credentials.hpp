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
  /// Deadline of the call that needs the headers, by the client's clock (`Config::clock`); none: no bound.
  std::optional<std::chrono::steady_clock::time_point> deadline{};
  /// Ends the work at once, with Cancelled.
  std::stop_token stop{};
};

/// Adds a caller's credentials to requests.
///
/// Thread safety: implementations must be safe to use from several threads at once.
/// Exceptions: `headers` throws what it names; `name` and `invalidate` throw nothing.
/// Lifetime: a client shares ownership of its strategy until it, its copies, pagers and operations are destroyed.
class LAKEBASE_EXPORT CredentialsStrategy {
 public:
  virtual ~CredentialsStrategy() = default;

  /// The strategy's name, e.g. `pat`; it goes into the User-Agent and into error messages.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// The headers of one request, `Authorization` and what belongs to it. Called for every attempt: cache tokens.
  /// @throws AuthError if no credentials can be obtained
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
