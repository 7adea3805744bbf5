#include <lakebase/credentials.hpp>

#include "auth/auth_http.hpp"
#include "auth/strategies.hpp"

namespace lakebase {
inline namespace v0 {

namespace {

class FunctionStrategy final : public CredentialsStrategy {
 public:
  FunctionStrategy(std::string name, std::function<Headers(CredentialsLimits const&)> function)
      : name_(std::move(name)), function_(std::move(function)) {}

  std::string_view name() const noexcept override { return name_; }
  Headers headers(CredentialsLimits const& limits) override { return function_(limits); }

 private:
  std::string const name_;
  std::function<Headers(CredentialsLimits const&)> const function_;
};

}  // namespace

std::shared_ptr<CredentialsStrategy> make_credentials_strategy(
    std::string name, std::function<Headers(CredentialsLimits const&)> headers) {
  return std::make_shared<FunctionStrategy>(std::move(name), std::move(headers));
}

namespace detail {

namespace {

// The same headers for every request.
class FixedStrategy final : public CredentialsStrategy {
 public:
  FixedStrategy(std::string_view name, std::string authorization)
      : name_(name), headers_{{"Authorization", std::move(authorization)}} {}

  std::string_view name() const noexcept override { return name_; }
  Headers headers(CredentialsLimits const&) override { return headers_; }

 private:
  std::string_view const name_;
  Headers const headers_;
};

}  // namespace

std::string why_not_pat(AuthContext const& context) {
  return first_unset(context, {"host", "token"});
}

std::shared_ptr<CredentialsStrategy> make_pat(AuthContextPointer context) {
  return std::make_shared<FixedStrategy>("pat", "Bearer " + context->config().token.value_or(""));
}

std::string why_not_basic(AuthContext const& context) {
  return first_unset(context, {"host", "username", "password"});
}

std::shared_ptr<CredentialsStrategy> make_basic(AuthContextPointer context) {
  auto const& config = context->config();
  return std::make_shared<FixedStrategy>(
      "basic", basic_authorization(config.username.value_or(""), config.password.value_or("")));
}

}  // namespace detail

}  // namespace v0
}  // namespace lakebase
