#include <lakebase/pq/credential_provider.hpp>

#include <algorithm>
#include <atomic>
#include <type_traits>
#include <utility>

#include <lakebase/call_options.hpp>
#include <lakebase/error.hpp>
#include <lakebase/postgres/names.hpp>

#include "base/after.hpp"
#include "base/events/watch.hpp"
#include "base/refreshing_value.hpp"
#include "database/names.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace {

using Moment = std::chrono::steady_clock::time_point;
using lakebase::detail::after;
using lakebase::detail::time_left;
using lakebase::detail::times;
using std::chrono::nanoseconds;

constexpr char const* strategy_name = "database-credential";

// The shortest life that the service gives a token. Assumed if a token seems to have expired on arrival, because the
// local clock is ahead.
constexpr nanoseconds shortest_life = std::chrono::minutes{5};

// A caller who still has a good token waits no longer than this for a newer one.
constexpr nanoseconds longest_refresh_ahead = std::chrono::seconds{10};

// A token that is refused at a greater age has worked in the meantime.
constexpr nanoseconds refused_at_once = std::chrono::minutes{1};

ErrorFacts saying(std::string message) {
  ErrorFacts facts;
  facts.message = std::move(message);
  return facts;
}

// The life by the local clock, which may be wrong.
nanoseconds life_of(Timestamp expire_time, std::chrono::system_clock::time_point now, RefreshPolicy const& policy) {
  auto const longest = policy.longest_life.value_or(std::chrono::hours{1});
  using Span = std::chrono::system_clock::duration;
  auto const end = lakebase::detail::time_from_epoch(static_cast<double>(expire_time.seconds())) +
                   std::chrono::duration_cast<Span>(nanoseconds{expire_time.nanos()});
  auto const by_local_clock = time_left(now, end);
  return std::max(nanoseconds{0}, std::min(longest, by_local_clock > nanoseconds{0} ? by_local_clock : shortest_life));
}

lakebase::detail::ValueLife thresholds(nanoseconds life, RefreshPolicy const& policy) {
  auto const reserve = std::clamp(policy.reserve, nanoseconds{0}, life / 10);
  auto const refresh_after = times(std::clamp(policy.refresh_at, 0.0, 1.0), life);
  return {.fresh = std::min(refresh_after, life - reserve), .good = life - reserve};
}

lakebase::detail::RefreshRules rules_of(RefreshPolicy const& policy) {
  return {.what = "database credential",
          .strategy = std::string{strategy_name},
          .longest_refresh = longest_refresh_ahead,
          .pause_after_refresh = policy.pause_after_failure,
          .pause_after_failure = policy.pause_after_failure};
}

}  // namespace

DatabaseCredentialProvider::~DatabaseCredentialProvider() = default;

struct CachingCredentialProvider::State {
  // A token in the cache.
  struct Cached {
    std::string token{};
    Moment minted_at{};
    // Whether it was minted in the place of one that was refused.
    bool replacement = false;
  };
  using Tokens = lakebase::detail::RefreshingValue<Cached>;

  State(Mint its_mint, RefreshPolicy its_policy, std::shared_ptr<Clock> its_clock)
      : mint(std::move(its_mint)), policy(std::move(its_policy)), clock(std::move(its_clock)) {}

  Mint const mint;
  RefreshPolicy const policy;
  std::shared_ptr<Clock> const clock;
  Tokens tokens{clock, rules_of(policy), [this](lakebase::detail::Landing const& landing) { tell(landing); }};
  std::atomic<std::uint64_t> mints = 0;
  std::atomic<std::uint64_t> failures = 0;
  std::atomic<std::uint64_t> invalidated = 0;

  Tokens::Fetched fetch(CredentialsLimits const& limits, bool replacement) const;
  void tell(lakebase::detail::Landing const& landing);
  void report(CredentialEvent const& event) const {
    if (!policy.on_event) return;
    try {
      policy.on_event(event);
    } catch (...) {  // metrics must not break logins
    }
  }
};

CachingCredentialProvider::State::Tokens::Fetched CachingCredentialProvider::State::fetch(
    CredentialsLimits const& limits, bool replacement) const {
  auto minted = mint(limits);
  if (minted.token.empty()) throw AuthError(strategy_name, saying("the service responded without a token"));
  auto const life = life_of(minted.expire_time, clock->system_now(), policy);
  return {{std::move(minted.token), clock->now(), replacement}, thresholds(life, policy)};
}

void CachingCredentialProvider::State::tell(lakebase::detail::Landing const& landing) {
  using Kind = CredentialEvent::Kind;
  ++mints;
  if (!landing.succeeded) ++failures;
  auto const kind = landing.succeeded ? Kind::minted : landing.has_value ? Kind::refresh_failed : Kind::mint_failed;
  report({kind, landing.elapsed, landing.message});
}

CachingCredentialProvider::CachingCredentialProvider(Mint mint, RefreshPolicy policy, std::shared_ptr<Clock> clock)
    : state_(std::make_unique<State>(std::move(mint), std::move(policy),
                                     clock ? std::move(clock) : make_system_clock())) {}
CachingCredentialProvider::~CachingCredentialProvider() = default;

LoginSecret CachingCredentialProvider::get(CredentialsLimits const& limits) {
  auto const cached = state_->tokens.get(limits, [this](CredentialsLimits const& bounds, State::Cached const* dropped) {
    return state_->fetch(bounds, dropped != nullptr);
  });
  return {cached->token, true};
}

bool CachingCredentialProvider::invalidate(std::string_view password) {
  auto& state = *state_;
  if (auto const dropped = state.tokens.drop_if([&](State::Cached const& one) { return one.token == password; })) {
    ++state.invalidated;
    bool const at_once = state.clock->now() < after(dropped->minted_at, refused_at_once);
    if (dropped->replacement && at_once) {
      state.tokens.hold_back(
          AuthError(strategy_name, saying("the server refused a token, and the one that was minted in its place")),
          state.policy.pause_after_refusal);
    }
    state.report({.kind = CredentialEvent::Kind::invalidated});
  }
  return state.tokens.is_promising();
}

std::shared_ptr<Clock> CachingCredentialProvider::clock() const {
  return state_->clock;
}

CredentialStatistics CachingCredentialProvider::statistics() const {
  return {.mints = state_->mints, .failures = state_->failures, .invalidated = state_->invalidated};
}

namespace {

// The options of a call that mints.
CallOptions options_of_mint(CallOptions call, CredentialsLimits const& limits, Clock const& clock) {
  call.stop = limits.stop;
  if (limits.deadline) {
    auto const left = time_left(clock.now(), *limits.deadline);
    if (left == nanoseconds{0}) throw AuthError(strategy_name, saying("no time is left to mint a credential"));
    call.timeout = std::min<nanoseconds>(left, call.timeout.value_or(left));
  }
  return call;
}

// Of either service. `end` is when the token expires.
template <class Credential, class End>
MintedToken minted(Credential const& credential, End const& end, std::string const& name_of_end) {
  if (!credential.token || !end) {
    throw AuthError(strategy_name,
                    saying("the service responded without " + (credential.token ? name_of_end : "token")));
  }
  if constexpr (std::is_same_v<End, std::optional<Timestamp>>) {
    return {*credential.token, *end};
  } else {
    try {
      return {*credential.token, Timestamp::parse(*end)};
    } catch (ParseError const&) {
      throw AuthError(strategy_name, saying("the service responded with an " + name_of_end + " that is no time"));
    }
  }
}

// Mints with a client of either service; `call` makes the request.
template <class Client, class Call>
std::shared_ptr<CachingCredentialProvider> minting_by(Client client, Call call, RefreshPolicy policy,
                                                      std::shared_ptr<Clock> own_clock) {
  auto clock = own_clock ? std::move(own_clock) : client.clock();
  auto mint = [client = std::move(client), call = std::move(call), clock](CredentialsLimits const& limits) {
    auto const describe = [] { return Event{.kind = EventKind::mint, .subject = strategy_name}; };
    return lakebase::detail::watch(client.config().events.get(), clock.get(), describe, [&] {
      return call(client.with(options_of_mint(client.options(), limits, *clock)));
    });
  };
  return std::make_shared<CachingCredentialProvider>(std::move(mint), std::move(policy), std::move(clock));
}

class PasswordCredentials final : public DatabaseCredentialProvider {
 public:
  explicit PasswordCredentials(std::string password) : password_(std::move(password)) {}
  LoginSecret get(CredentialsLimits const&) override { return {password_, false}; }
  bool invalidate(std::string_view) override { return false; }
  bool uses_tokens() const noexcept override { return false; }

 private:
  std::string password_;
};

}  // namespace

std::shared_ptr<CachingCredentialProvider> make_endpoint_credentials(PostgresClient client, std::string_view endpoint,
                                                                     EndpointCredentialOptions const& options) {
  auto const name = postgres::EndpointName::parse(endpoint).to_string();
  postgres::GenerateDatabaseCredentialOptions asked;
  asked.claims = options.claims;
  asked.group_name = options.group_name;
  asked.ttl = options.ttl;
  auto policy = options.refresh;
  if (!policy.longest_life && options.ttl)
    policy.longest_life = std::chrono::seconds{std::clamp<std::int64_t>(options.ttl->seconds(), 0, 86400)};
  auto call = [name, asked = std::move(asked)](PostgresClient const& by) {
    auto const credential = by.generate_database_credential(name, asked);
    return minted(credential, credential.expire_time, "expire_time");
  };
  return minting_by(std::move(client), std::move(call), std::move(policy), options.clock);
}

std::shared_ptr<CachingCredentialProvider> make_instance_credentials(DatabaseClient client,
                                                                     std::vector<std::string> instance_names,
                                                                     InstanceCredentialOptions const& options) {
  if (instance_names.empty() && options.claims.empty())
    throw InvalidArgument{"tokens for neither an instance nor a claim"};
  for (auto const& name : instance_names) static_cast<void>(lakebase::detail::instance_segment(name));
  database::GenerateDatabaseCredentialOptions asked;
  asked.claims = options.claims;
  asked.instance_names = std::move(instance_names);
  asked.request_id = options.request_id;
  auto call = [asked = std::move(asked)](DatabaseClient const& by) {
    auto const credential = by.generate_database_credential(asked);
    return minted(credential, credential.expiration_time, "expiration_time");
  };
  return minting_by(std::move(client), std::move(call), options.refresh, options.clock);
}

std::shared_ptr<DatabaseCredentialProvider> make_password_credentials(std::string password) {
  return std::make_shared<PasswordCredentials>(std::move(password));
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
