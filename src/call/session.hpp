#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <lakebase/call_options.hpp>
#include <lakebase/config.hpp>

#include "auth/auth_context.hpp"
#include "base/logger.hpp"
#include "call/rate_limiter.hpp"
#include "config/resolve.hpp"
#include "config/user_agent.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The budget of a call whose options set none.
std::chrono::nanoseconds call_budget(Config const& config);

/// What all clients of one configuration share. Immutable but for its parts that lock by themselves.
class Session {
 public:
  /// @throws ConfigError
  explicit Session(Config const& config);

  Config const& config() const noexcept { return context_->resolved.values; }
  ResolvedConfig const& resolved() const noexcept { return context_->resolved; }
  std::shared_ptr<Clock> const& clock() const noexcept { return context_->clock; }
  Transport& transport() const noexcept { return *context_->transport; }
  CredentialsStrategy& credentials() const noexcept { return *credentials_; }
  UserAgent const& user_agent() const noexcept { return user_agent_; }
  Logger const& logger() const noexcept { return context_->logger; }
  RateLimiter& rate_limiter() noexcept { return rate_limiter_; }
  AuthContext const& auth_context() const noexcept { return *context_; }

  std::chrono::nanoseconds http_timeout() const { return context_->http_timeout(); }

 private:
  std::shared_ptr<AuthContext const> context_;
  UserAgent user_agent_;
  std::shared_ptr<CredentialsStrategy> credentials_;
  RateLimiter rate_limiter_;
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
