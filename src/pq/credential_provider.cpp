#include <lakebase/pq/credential_provider.hpp>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

#include <lakebase/call_options.hpp>
#include <lakebase/error.hpp>

namespace lakebase::inline v0::pq {
namespace {

using Moment = std::chrono::steady_clock::time_point;
using std::chrono::nanoseconds;

// The shortest life that the service gives a token: what is believed of one that seems to have expired on arrival,
// because the local clock is ahead.
constexpr nanoseconds shortest_life = std::chrono::minutes{5};

// A caller with a good token in hand waits no longer than this for a better one.
constexpr nanoseconds longest_refresh_ahead = std::chrono::seconds{10};

// A token that is refused at a greater age has been good in the meantime.
constexpr nanoseconds refused_at_once = std::chrono::minutes{1};

ErrorFacts saying(std::string message) {
  ErrorFacts facts;
  facts.message = std::move(message);
  return facts;
}

}  // namespace

DatabaseCredentialProvider::~DatabaseCredentialProvider() = default;

struct CachingCredentialProvider::State {
  Mint mint;
  RefreshPolicy policy;
  std::shared_ptr<Clock> clock;

  mutable std::mutex mutex{};
  std::condition_variable_any landed{};
  std::string token{};
  Moment minted_at{};
  Moment replace_from{};
  Moment usable_until{};
  bool flying = false;
  std::uint64_t flights = 0;
  // The last token was refused, and the present one was minted in such a one's place.
  bool refused = false;
  bool replacement = false;
  // Of the last flight; null where it succeeded or its own caller ended it.
  std::exception_ptr failure{};
  Moment no_mint_before{};
  CredentialStatistics counts{};

  LoginSecret get(CredentialsLimits const& limits);
  bool usable(Moment now) const { return !token.empty() && now < usable_until; }
  void wait_for_flight(std::unique_lock<std::mutex>& lock, CredentialsLimits const& limits);
  void fly(std::unique_lock<std::mutex>& lock, CredentialsLimits const& limits);
  void keep(MintedToken const& minted);
  CredentialsLimits limits_of_mint(CredentialsLimits const& limits) const;
  bool invalidate(std::string_view password);
  void report(CredentialEvent event) const {
    if (policy.on_event) policy.on_event(event);
  }
};

// Sets the thresholds of a token that has just arrived.
void CachingCredentialProvider::State::keep(MintedToken const& minted) {
  if (minted.token.empty()) {
    throw AuthError("database-credential", saying("the service answered without a token"));
  }
  auto const longest = policy.longest_life.value_or(std::chrono::hours{1});
  auto const by_local_clock = minted.expire_time.to_chrono() - std::chrono::sys_time<nanoseconds>{clock->system_now()};
  auto const life =
      by_local_clock <= nanoseconds{0} ? std::min(longest, shortest_life) : std::min(by_local_clock, longest);
  auto const reserve = std::min(policy.reserve, life / 10);
  auto const refresh_after = nanoseconds{
      static_cast<std::int64_t>(static_cast<double>(life.count()) * std::clamp(policy.refresh_at, 0.0, 1.0))};
  auto const now = clock->now();
  token = minted.token;
  minted_at = now;
  replacement = std::exchange(refused, false);
  usable_until = now + std::chrono::duration_cast<Moment::duration>(life - reserve);
  replace_from = now + std::chrono::duration_cast<Moment::duration>(std::min(refresh_after, life - reserve));
}

CredentialsLimits CachingCredentialProvider::State::limits_of_mint(CredentialsLimits const& limits) const {
  auto result = limits;
  auto const now = clock->now();
  if (usable(now)) {
    auto const soon = now + std::chrono::duration_cast<Moment::duration>(longest_refresh_ahead);
    result.deadline = std::min(limits.deadline.value_or(soon), soon);
  }
  return result;
}

// Mints without the lock; the lock is held again afterwards. The outcome is in `token` and `failure`.
void CachingCredentialProvider::State::fly(std::unique_lock<std::mutex>& lock, CredentialsLimits const& limits) {
  flying = true;
  auto const bounds = limits_of_mint(limits);
  lock.unlock();
  auto const start = clock->now();
  CredentialEvent event{.kind = CredentialEvent::Kind::minted};
  MintedToken minted;
  std::exception_ptr thrown;
  try {
    minted = mint(bounds);
  } catch (std::exception const& error) {
    thrown = std::current_exception();
    event.message = error.what();
  } catch (...) {
    thrown = std::current_exception();
  }
  event.elapsed = clock->now() - start;
  lock.lock();
  if (thrown == nullptr) {
    try {
      keep(minted);
    } catch (Error const& error) {
      thrown = std::current_exception();
      event.message = error.what();
    }
  }
  flying = false;
  ++flights;
  ++counts.mints;
  failure = thrown;
  if (thrown != nullptr) {
    ++counts.failures;
    auto const now = clock->now();
    event.kind = usable(now) ? CredentialEvent::Kind::refresh_failed : CredentialEvent::Kind::mint_failed;
    // What ended only because its own caller was out of time says nothing to the others.
    bool const ended_by_caller = limits.stop.stop_requested() || (limits.deadline && now >= *limits.deadline);
    no_mint_before = ended_by_caller ? now : now + policy.pause_after_failure;
    if (ended_by_caller) failure = nullptr;
  }
  landed.notify_all();
  lock.unlock();
  report(event);
  lock.lock();
  // By the kind, as settled under the lock: while it was reported, another caller's flight can have landed.
  if (event.kind == CredentialEvent::Kind::mint_failed) std::rethrow_exception(thrown);
}

void CachingCredentialProvider::State::wait_for_flight(std::unique_lock<std::mutex>& lock,
                                                       CredentialsLimits const& limits) {
  auto const flight = flights;
  auto const over = [&] { return flights != flight; };
  bool in_time = true;
  if (limits.deadline) {
    auto const left = *limits.deadline - clock->now();
    in_time = landed.wait_for(lock, limits.stop, left, over);
  } else {
    landed.wait(lock, limits.stop, over);
  }
  if (limits.stop.stop_requested() && !over()) throw Cancelled("the wait for a database credential was stopped");
  if (!in_time) throw AuthError("database-credential", saying("no database credential came in time"));
  if (failure != nullptr && !usable(clock->now())) std::rethrow_exception(failure);
}

LoginSecret CachingCredentialProvider::State::get(CredentialsLimits const& limits) {
  std::unique_lock lock{mutex};
  for (;;) {
    auto const now = clock->now();
    bool const good = usable(now);
    if (good && (now < replace_from || flying || now < no_mint_before)) return {token, true};
    if (flying) {
      wait_for_flight(lock, limits);
      continue;
    }
    if (failure != nullptr && now < no_mint_before) std::rethrow_exception(failure);
    if (limits.stop.stop_requested()) throw Cancelled("the wait for a database credential was stopped");
    fly(lock, limits);
    if (usable(clock->now())) return {token, true};
  }
}

bool CachingCredentialProvider::State::invalidate(std::string_view password) {
  std::unique_lock lock{mutex};
  auto const now = clock->now();
  bool const current = !token.empty() && token == password;
  if (current) {
    token.clear();
    refused = true;
    ++counts.invalidated;
    if (replacement && now < minted_at + refused_at_once) {
      failure = std::make_exception_ptr(AuthError(
          "database-credential", saying("the server refused a token, and the one that was minted in its place")));
      no_mint_before = now + std::chrono::duration_cast<Moment::duration>(policy.pause_after_refusal);
    }
  }
  bool const another = usable(now) || flying || now >= no_mint_before;
  lock.unlock();
  if (current) report({.kind = CredentialEvent::Kind::invalidated});
  return another;
}

CachingCredentialProvider::CachingCredentialProvider(Mint mint, RefreshPolicy policy, std::shared_ptr<Clock> clock)
    : state_(std::make_unique<State>()) {
  state_->mint = std::move(mint);
  state_->policy = std::move(policy);
  state_->clock = clock ? std::move(clock) : make_system_clock();
}
CachingCredentialProvider::~CachingCredentialProvider() = default;

LoginSecret CachingCredentialProvider::get(CredentialsLimits const& limits) {
  return state_->get(limits);
}

bool CachingCredentialProvider::invalidate(std::string_view password) {
  return state_->invalidate(password);
}

CredentialStatistics CachingCredentialProvider::statistics() const {
  std::lock_guard const lock{state_->mutex};
  return state_->counts;
}

namespace {

// Full names have six parts: projects/p/branches/b/endpoints/e.
bool is_endpoint_name(std::string_view name) {
  constexpr std::string_view collections[] = {"projects/", "branches/", "endpoints/"};
  for (auto const collection : collections) {
    if (!name.starts_with(collection)) return false;
    name.remove_prefix(collection.size());
    auto const id = name.substr(0, name.find('/'));
    if (id.empty()) return false;
    bool const last = collection == collections[2];
    if (last) return id.size() == name.size();
    if (id.size() == name.size()) return false;
    name.remove_prefix(id.size() + 1);
  }
  return false;
}

MintedToken mint_for(PostgresClient const& client, std::string const& endpoint,
                     postgres::GenerateDatabaseCredentialOptions const& asked, CredentialsLimits const& limits,
                     Clock const& clock) {
  CallOptions call = client.options();
  call.stop = limits.stop;
  if (limits.deadline) {
    auto const left = *limits.deadline - clock.now();
    if (left <= nanoseconds{0}) throw AuthError("database-credential", saying("no time is left to mint a credential"));
    call.timeout = std::min<nanoseconds>(left, call.timeout.value_or(left));
  }
  auto const credential = client.with(call).generate_database_credential(endpoint, asked);
  if (!credential.token || !credential.expire_time) {
    throw AuthError("database-credential",
                    saying("the service answered without " + std::string{credential.token ? "expire_time" : "token"}));
  }
  return {*credential.token, *credential.expire_time};
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
  if (!is_endpoint_name(endpoint)) {
    throw InvalidArgument("not the full name of an endpoint (projects/…/branches/…/endpoints/…): " +
                          std::string{endpoint});
  }
  auto clock = options.clock ? options.clock : make_system_clock();
  postgres::GenerateDatabaseCredentialOptions asked;
  asked.claims = options.claims;
  asked.group_name = options.group_name;
  asked.ttl = options.ttl;
  auto policy = options.refresh;
  if (!policy.longest_life && options.ttl) policy.longest_life = options.ttl->to_chrono();
  auto mint = [client = std::move(client), endpoint = std::string{endpoint}, asked = std::move(asked),
               clock](CredentialsLimits const& limits) { return mint_for(client, endpoint, asked, limits, *clock); };
  return std::make_shared<CachingCredentialProvider>(std::move(mint), std::move(policy), std::move(clock));
}

std::shared_ptr<DatabaseCredentialProvider> make_password_credentials(std::string password) {
  return std::make_shared<PasswordCredentials>(std::move(password));
}

}  // namespace lakebase::inline v0::pq
