#include "auth/strategies.hpp"
#include "base/events/watch.hpp"
#include "config/attributes.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

class TokenStrategy final : public CredentialsStrategy {
 public:
  TokenStrategy(std::string_view name, AuthContextPointer context, TokenSource::Fetch fetch, bool refresh_early)
      : name_(name),
        context_(std::move(context)),
        source_(watched(*context_, name, std::move(fetch)), context_->clock, refresh_early) {}

  std::string_view name() const noexcept override { return name_; }

  Headers headers(CredentialsLimits const& limits) override {
    return {{"Authorization", source_.token(limits)->authorization()}};
  }

  bool invalidate(Headers const& refused) override {
    auto const value = find_header(refused, "Authorization").value_or("");
    auto const space = value.find(' ');
    return source_.invalidate(space == std::string_view::npos ? value : value.substr(space + 1));
  }

 private:
  std::string_view const name_;
  AuthContextPointer const context_;
  TokenSource source_;
};

}  // namespace

std::shared_ptr<CredentialsStrategy> make_token_strategy(std::string_view name, AuthContextPointer context,
                                                         TokenSource::Fetch fetch, bool refresh_early) {
  bool const early = refresh_early && !context->config().disable_async_token_refresh.value_or(false);
  return std::make_shared<TokenStrategy>(name, std::move(context), std::move(fetch), early);
}

TokenSource::Fetch watched(AuthContext const& context, std::string_view strategy, TokenSource::Fetch fetch) {
  auto const& events = context.config().events;
  if (!events) return fetch;
  return [events, clock = context.clock, strategy, fetch = std::move(fetch)](CredentialsLimits const& limits,
                                                                             std::string_view rejected) {
    auto const describe = [&] { return Event{.kind = EventKind::mint, .subject = strategy}; };
    return watch(events.get(), clock.get(), describe, [&] { return fetch(limits, rejected); });
  };
}

std::string first_unset(AuthContext const& context, std::initializer_list<std::string_view> settings) {
  for (auto const name : settings) {
    for (auto const& attribute : attributes()) {
      if (attribute.name == name && !is_set(context.config(), attribute)) return std::string{name} + " is not set";
    }
  }
  return {};
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
