#include "auth/token_source.hpp"

#include <algorithm>
#include <utility>

#include "base/after.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

// Databricks on Azure refuses tokens with 30 s or less left.
constexpr nanoseconds expiry_skew = seconds{40};
constexpr nanoseconds longest_lead = std::chrono::minutes{20};

RefreshRules token_rules(bool refresh_early) {
  return {.what = "token",
          .refresh_early = refresh_early,
          .longest_refresh = seconds{60},
          .pause_after_refresh = seconds{60}};
}

}  // namespace

TokenSource::TokenSource(Fetch fetch, std::shared_ptr<Clock> clock, bool refresh_early)
    : fetch_(std::move(fetch)), clock_(std::move(clock)), tokens_(clock_, token_rules(refresh_early)) {}

std::shared_ptr<Token const> TokenSource::token(CredentialsLimits const& limits) {
  return tokens_.get(limits, [this](CredentialsLimits const& bounds, Token const* dropped) {
    Tokens::Fetched fetched{fetch_(bounds, dropped == nullptr ? std::string_view{} : dropped->access_token)};
    if (auto const& expiry = fetched.value.expiry) {
      auto const life = time_left(clock_->system_now(), *expiry);
      fetched.life = {.fresh = life - std::min(life / 2, longest_lead), .good = life - expiry_skew};
    }
    return fetched;
  });
}

bool TokenSource::invalidate(std::string_view access_token) {
  tokens_.drop_if([&](Token const& token) { return token.access_token == access_token; });
  return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
