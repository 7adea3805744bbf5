#include <lakebase/pq/connect.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

#include <lakebase/error.hpp>

#include "base/after.hpp"
#include "pq/login/source_clock.hpp"
#include "pq/session/backoff.hpp"
#include "pq/session/connection_access.hpp"
#include "pq/session/dial.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace {

using Moment = std::chrono::steady_clock::time_point;
using lakebase::detail::after;
using lakebase::detail::time_left;
using std::chrono::nanoseconds;

// A server that hangs up on a native password looks like one that restarts; it is asked no more often than this.
constexpr int most_hang_ups_on_a_password = 3;

// The service is asked for no longer than this about an endpoint that does not answer.
constexpr nanoseconds longest_question = std::chrono::seconds{5};

// One call of `connect`.
class Connecting {
 public:
  Connecting(ConnectionSource const& source, ConnectOptions const& options)
      : source_(source),
        options_(options),
        clock_(detail::clock_for(source, options.clock)),
        start_(clock_->now()),
        deadline_(after(start_, options.timeout)),
        ask_resolver_(options.resolver && options.resolver_first) {}

  Connection run();

 private:
  LoginSecret secret();
  CredentialsLimits limits_of_secret() const;
  detail::Dialled attempt(LoginSecret const& secret);
  // What to do about a failure; `never` where patience has run out.
  ConnectRecovery judge(detail::Dialled& failed, LoginSecret const& secret);
  ConnectRecovery judge_refused_token(LoginSecret const& secret);
  ConnectRecovery judge_unknown_name();
  std::optional<EndpointState> ask_service();
  // Whether another attempt can help at all; says in the failure why not.
  bool endpoint_is_there(detail::Failure& failure);
  void pause_or_throw(ConnectRecovery recovery, detail::Failure const& failure);
  [[noreturn]] void fail(ConnectRecovery recovery, detail::Failure failure) const;

  ConnectionSource const& source_;
  ConnectOptions const& options_;
  std::shared_ptr<Clock> clock_;
  Moment start_;
  Moment deadline_;
  bool ask_resolver_;
  int attempts_ = 0;
  int crowded_ = 0;
  int hang_ups_ = 0;
  bool token_refused_ = false;
  bool service_asked_ = false;
  bool endpoint_gone_ = false;
  bool cut_short_ = false;                         // the last attempt had less than an attempt's time
  std::optional<detail::Failure> last_refusal_{};  // the server's own words
  std::optional<Moment> name_unknown_since_{};
};

// The deadline by the clock of the credentials.
CredentialsLimits Connecting::limits_of_secret() const {
  auto const theirs = source_.credentials->clock();
  return {theirs ? after(theirs->now(), time_left(clock_->now(), deadline_)) : deadline_, options_.stop};
}

LoginSecret Connecting::secret() {
  for (;;) {
    try {
      return source_.credentials->get(limits_of_secret());
    } catch (Error const& error) {
      if (!error.retryable()) throw;
      auto const pause =
          std::max(detail::next_pause(options_.wake, ++attempts_), error.retry_after().value_or(nanoseconds{0}));
      bool const last = options_.max_attempts && attempts_ >= *options_.max_attempts;
      if (last || after(clock_->now(), pause) >= deadline_) throw;
      if (!clock_->sleep_until(after(clock_->now(), pause), options_.stop)) {
        throw Cancelled("connecting to " + source_.parameters.host + " was stopped");
      }
    }
  }
}

detail::Dialled Connecting::attempt(LoginSecret const& secret) {
  detail::Dial what{
      .parameters = source_.parameters, .secret = secret, .stop = options_.stop, .on_notice = options_.on_notice};
  if (ask_resolver_ && what.parameters.hostaddr.empty()) {
    what.addresses = options_.resolver(what.parameters.host);
    // Each attempt begins with another address: one that never answers takes up the time of a whole attempt.
    if (!what.addresses.empty()) {
      auto const first = static_cast<std::size_t>(attempts_ - 1) % what.addresses.size();
      std::rotate(what.addresses.begin(), what.addresses.begin() + static_cast<std::ptrdiff_t>(first),
                  what.addresses.end());
    }
  }
  auto const now = clock_->now();
  cut_short_ = deadline_ < after(now, options_.attempt_timeout);
  what.deadline =
      after(std::chrono::steady_clock::now(), std::min(time_left(now, deadline_), options_.attempt_timeout));
  return detail::dial(what);
}

ConnectRecovery Connecting::judge_refused_token(LoginSecret const& secret) {
  bool const again = std::exchange(token_refused_, true);
  bool const another = source_.credentials->invalidate(secret.password);
  return again || !another ? ConnectRecovery::never : ConnectRecovery::new_token;
}

ConnectRecovery Connecting::judge_unknown_name() {
  auto const now = clock_->now();
  if (!name_unknown_since_) name_unknown_since_ = now;
  if (now - *name_unknown_since_ < options_.name_patience) return ConnectRecovery::retry;
  if (!options_.resolver || ask_resolver_) return ConnectRecovery::never;
  ask_resolver_ = true;
  return ConnectRecovery::retry;
}

// None where the service does not tell: what is known of the server is what counts then.
std::optional<EndpointState> Connecting::ask_service() {
  if (!source_.ask_endpoint || std::exchange(service_asked_, true)) return std::nullopt;
  auto const left = std::min(time_left(clock_->now(), deadline_), longest_question);
  if (left == nanoseconds{0}) return std::nullopt;
  try {
    return source_.ask_endpoint(left, options_.stop);
  } catch (Error const&) {
    return std::nullopt;
  }
}

bool Connecting::endpoint_is_there(detail::Failure& failure) {
  auto const state = ask_service();
  if (!state || *state == EndpointState::there) return true;
  auto const& endpoint = source_.parameters.endpoint;
  endpoint_gone_ = *state == EndpointState::gone;
  if (endpoint_gone_) {
    failure.facts.message = "the endpoint " + endpoint + " is gone: it was deleted, or its branch or project (" +
                            failure.facts.message + ")";
    failure.facts.hint = "Look up another endpoint, e.g. by source_for; this one's host does not come back.";
  } else {
    failure.facts.message =
        "the endpoint " + endpoint + " is disabled, and no connection wakes it (" + failure.facts.message + ")";
    failure.facts.hint = "Set spec.disabled to false.";
  }
  return false;
}

ConnectRecovery Connecting::judge(detail::Dialled& failed, LoginSecret const& secret) {
  auto& failure = failed.failure;
  auto const recovery = classify_connect(failure.pg.sqlstate, failure.facts.message);
  bool const unanswered = recovery == ConnectRecovery::retry || recovery == ConnectRecovery::retry_name;
  if (unanswered && failure.pg.sqlstate.empty() && !endpoint_is_there(failure)) return ConnectRecovery::never;
  if (recovery == ConnectRecovery::new_token) return judge_refused_token(secret);
  if (recovery == ConnectRecovery::retry_name) return judge_unknown_name();
  bool const hung_up = recovery == ConnectRecovery::retry && failure.pg.sqlstate.empty() && failed.password_sent;
  if (hung_up && !secret.is_token && ++hang_ups_ >= most_hang_ups_on_a_password) return ConnectRecovery::never;
  return recovery;
}

void Connecting::fail(ConnectRecovery recovery, detail::Failure failure) const {
  failure.facts.message = "cannot connect to " + source_.parameters.host + ": " + failure.facts.message;
  failure.facts.attempts = attempts_;
  failure.facts.elapsed = clock_->now() - start_;
  failure.facts.retryable = recovery != ConnectRecovery::never && recovery != ConnectRecovery::new_token;
  if (endpoint_gone_) throw EndpointGone{false, std::move(failure.pg), std::move(failure.facts)};
  throw ConnectionError{false, std::move(failure.pg), std::move(failure.facts)};
}

void Connecting::pause_or_throw(ConnectRecovery recovery, detail::Failure const& failure) {
  nanoseconds pause{0};
  if (recovery == ConnectRecovery::retry) pause = detail::next_pause(options_.wake, attempts_);
  if (recovery == ConnectRecovery::retry_slowly) {
    pause = detail::next_pause(options_.crowded, ++crowded_, options_.crowded.first);
  }
  bool const last = options_.max_attempts && attempts_ >= *options_.max_attempts;
  bool const no_time = after(clock_->now(), pause) >= deadline_;
  bool const give_up = recovery == ConnectRecovery::never || last || no_time;
  if (options_.on_attempt) {
    options_.on_attempt(
        {attempts_, recovery, failure.pg.sqlstate, failure.facts.message, give_up ? nanoseconds{0} : pause});
  }
  // That the last moment was too short for an attempt says less than what the server said before.
  bool const says_nothing = cut_short_ && failure.pg.sqlstate.empty() && last_refusal_;
  if (give_up) fail(recovery, says_nothing ? *last_refusal_ : failure);
  if (pause > nanoseconds{0} && !clock_->sleep_until(after(clock_->now(), pause), options_.stop)) {
    throw Cancelled("connecting to " + source_.parameters.host + " was stopped");
  }
}

Connection Connecting::run() {
  for (;;) {
    if (options_.stop.stop_requested()) throw Cancelled("connecting to " + source_.parameters.host + " was stopped");
    auto const with = secret();
    ++attempts_;
    auto dialled = attempt(with);
    if (dialled.session) return ConnectionAccess::make(std::move(dialled.session));
    auto const recovery = judge(dialled, with);
    if (!dialled.failure.pg.sqlstate.empty()) last_refusal_ = dialled.failure;
    pause_or_throw(recovery, dialled.failure);
  }
}

}  // namespace

Connection connect(ConnectionSource const& source, ConnectOptions const& options) {
  if (!source.credentials) throw ConfigError("no credentials to connect with");
  validate(source.parameters, source.credentials->uses_tokens());
  return Connecting{source, options}.run();
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
