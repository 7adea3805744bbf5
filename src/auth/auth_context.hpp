#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <lakebase/clock.hpp>
#include <lakebase/credentials.hpp>
#include <lakebase/transport.hpp>

#include "config/resolve.hpp"
#include "http/logger.hpp"

namespace lakebase::inline v0::detail {

/// What strategies work with. Lives as long as any of them.
struct AuthContext {
  ResolvedConfig resolved{};
  std::shared_ptr<Transport> transport{};
  /// Never through a proxy: for services on this machine or of the cloud's own network.
  std::shared_ptr<Transport> direct_transport{};
  std::shared_ptr<Clock> clock{};
  /// Without an `auth/` part.
  std::string user_agent{};
  Logger logger{};

  Config const& config() const noexcept { return resolved.values; }
  /// Normalised URL; empty where it is not known.
  std::string host() const { return config().host.value_or(""); }
  /// A variable of the environment; empty where it is not set.
  std::string variable(std::string_view name) const { return config().environment(name).value_or(""); }
  /// Whether the user asked for this strategy by name.
  bool is_named(std::string_view strategy) const { return config().auth_type == strategy; }
  std::chrono::nanoseconds http_timeout() const;
};

/// Bounds that are narrower than a call's.
CredentialsLimits within(CredentialsLimits const& limits, Clock& clock, std::chrono::nanoseconds span);

/// Throws Cancelled or AuthError where there is no time left.
void check_time(CredentialsLimits const& limits, Clock& clock, std::string_view strategy);

}  // namespace lakebase::inline v0::detail
