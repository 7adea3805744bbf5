#include <lakebase/pq/connect.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "base/after.hpp"
#include "base/events/watch.hpp"
#include "base/retry/retry_loop.hpp"
#include "pq/login/instance_lookup.hpp"
#include "pq/login/source_clock.hpp"
#include "pq/session/backoff.hpp"
#include "pq/session/connection_access.hpp"
#include "pq/session/dial.hpp"
#include "pq/session/throw_failure.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace {

using Moment = std::chrono::steady_clock::time_point;
using lakebase::detail::after;
using lakebase::detail::time_left;
using std::chrono::nanoseconds;

// A server that hangs up on a native password looks like one that restarts; this is how often it is tried.
constexpr int most_hang_ups_on_a_password = 3;

// The longest request to the service about an endpoint that does not respond.
constexpr nanoseconds longest_lookup = std::chrono::seconds{5};

// One call of `connect`.
class Connecting {
 public:
  Connecting(ConnectionSource const& source, ConnectOptions const& options)
      : source_(source),
        options_(options),
        clock_(detail::clock_for(source, options.clock)),
        loop_(*clock_, {.deadline = after(clock_->now(), options.timeout),
                        .max_attempts = options.max_attempts,
                        .stop = options.stop}),
        ask_resolver_(options.resolver && options.resolver_first) {}

  Connection run() {
    auto const describe = [this] { return event(EventKind::connect); };
    return lakebase::detail::watch(source_.events.get(), clock_.get(), describe, [this] { return loop_.run(*this); });
  }

 private:
  // The steps of its loop of attempts.
  friend lakebase::detail::RetryLoop;
  void check() const;
  std::optional<Connection> attempt();
  std::optional<nanoseconds> next_pause();
  [[noreturn]] Connection give_up() const;
  [[noreturn]] void throw_stopped() const;

  bool find_secret();
  CredentialsLimits limits_of_secret() const;
  detail::Dialled dial();
  // What to do about a failure; `never` if no further attempt is to be made.
  ConnectRecovery judge();
  ConnectRecovery judge_refused_token();
  ConnectRecovery judge_unknown_name();
  std::optional<EndpointState> ask_service();
  // Whether another attempt can help at all; says in the failure why not.
  bool endpoint_is_there(detail::Failure& failure);
  nanoseconds usual_pause();
  Event event(EventKind kind) const noexcept;
  void end_login(bool will_retry) noexcept;
  [[noreturn]] void fail(detail::Failure failure) const;

  ConnectionSource const& source_;
  ConnectOptions const& options_;
  std::shared_ptr<Clock> clock_;
  lakebase::detail::RetryLoop loop_;
  bool ask_resolver_;
  // The results of the last attempt.
  LoginSecret secret_{};
  std::exception_ptr no_secret_{};
  nanoseconds retry_after_{};  // from the failure to get a secret
  detail::Dialled dialled_{};
  ConnectRecovery recovery_ = ConnectRecovery::never;

  int crowded_ = 0;
  int hang_ups_ = 0;
  bool token_refused_ = false;
  bool service_asked_ = false;
  bool endpoint_gone_ = false;
  bool cut_short_ = false;                         // the last attempt had less than an attempt's time
  std::optional<detail::Failure> last_refusal_{};  // from the server itself
  std::optional<Moment> name_unknown_since_{};
  lakebase::detail::OpenEvent login_{};  // the event of the attempt under way
};

Event Connecting::event(EventKind kind) const noexcept {
  auto const& where = source_.parameters;
  return {.kind = kind,
          .attempts = loop_.attempts(),
          .server_address = where.host,
          .server_port = where.port,
          .database = where.dbname};
}

// Of an attempt that has failed without an exception.
void Connecting::end_login(bool will_retry) noexcept {
  if (!login_) return;
  auto ended = event(EventKind::login);
  ended.will_retry = will_retry;
  if (no_secret_) return login_.fail(ended, no_secret_);
  ended.sqlstate = dialled_.failure.pg.sqlstate;
  ended.error_type = ended.sqlstate.empty() ? std::string_view{"lakebase::pq::ConnectionError"} : ended.sqlstate;
  login_.end(ended);
}

// With the deadline by the clock of the credentials.
CredentialsLimits Connecting::limits_of_secret() const {
  auto const theirs = source_.credentials->clock();
  return {theirs ? after(theirs->now(), loop_.left()) : loop_.deadline(), options_.stop};
}

// False if another attempt may find one.
bool Connecting::find_secret() {
  no_secret_ = nullptr;
  try {
    secret_ = source_.credentials->get(limits_of_secret());
    return true;
  } catch (Error const& error) {
    if (!error.retryable()) throw;
    no_secret_ = std::current_exception();
    retry_after_ = error.retry_after().value_or(nanoseconds{0});
    return false;
  }
}

detail::Dialled Connecting::dial() {
  detail::Dial what{
      .parameters = source_.parameters, .secret = secret_, .stop = options_.stop, .on_notice = options_.on_notice};
  if (ask_resolver_ && what.parameters.hostaddr.empty()) {
    what.addresses = options_.resolver(what.parameters.host);
    // Each attempt begins with another address: one that never responds takes up the time of a whole attempt.
    if (!what.addresses.empty()) {
      auto const first = static_cast<std::size_t>(loop_.attempts() - 1) % what.addresses.size();
      std::rotate(what.addresses.begin(), what.addresses.begin() + static_cast<std::ptrdiff_t>(first),
                  what.addresses.end());
    }
  }
  auto const now = clock_->now();
  cut_short_ = loop_.deadline() < after(now, options_.attempt_timeout);
  what.deadline =
      after(std::chrono::steady_clock::now(), std::min(time_left(now, loop_.deadline()), options_.attempt_timeout));
  return detail::dial(what);
}

ConnectRecovery Connecting::judge_refused_token() {
  bool const again = std::exchange(token_refused_, true);
  bool const another = source_.credentials->invalidate(secret_.password);
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

// None if the service does not tell: then only the server's own failure counts.
std::optional<EndpointState> Connecting::ask_service() {
  if (!source_.ask_endpoint || std::exchange(service_asked_, true)) return std::nullopt;
  auto const left = std::min(loop_.left(), longest_lookup);
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
  auto const& name = source_.parameters.endpoint;
  bool const is_instance = detail::names_instance(name);
  endpoint_gone_ = *state == EndpointState::gone;
  std::string what;
  if (*state == EndpointState::stopped) {
    what = "is stopped, and no connection starts it";
    failure.facts.hint = std::string{detail::how_to_start_instance};
  } else if (!endpoint_gone_) {
    what = "is disabled, and no connection wakes it";
    failure.facts.hint = "Set spec.disabled to false.";
  } else if (is_instance) {
    what = "is gone: it was deleted";
    failure.facts.hint = "Create another one, or connect to another; this one's host does not come back.";
  } else {
    what = "is gone: it was deleted, or its branch or project";
    failure.facts.hint = "Look up another endpoint, e.g. by source_for; this one's host does not come back.";
  }
  failure.facts.message =
      fmt::format("the {} {} {} ({})", is_instance ? "instance" : "endpoint", name, what, failure.facts.message);
  return false;
}

ConnectRecovery Connecting::judge() {
  auto& failure = dialled_.failure;
  auto const recovery = classify_connect(failure.pg.sqlstate, failure.facts.message);
  bool const no_server = recovery == ConnectRecovery::retry || recovery == ConnectRecovery::retry_name;
  if (no_server && failure.pg.sqlstate.empty() && !endpoint_is_there(failure)) return ConnectRecovery::never;
  if (recovery == ConnectRecovery::new_token) return judge_refused_token();
  if (recovery == ConnectRecovery::retry_name) return judge_unknown_name();
  bool const hung_up = recovery == ConnectRecovery::retry && failure.pg.sqlstate.empty() && dialled_.password_sent;
  if (hung_up && !secret_.is_token && ++hang_ups_ >= most_hang_ups_on_a_password) return ConnectRecovery::never;
  return recovery;
}

void Connecting::fail(detail::Failure failure) const {
  failure.facts.message = "cannot connect to " + source_.parameters.host + ": " + failure.facts.message;
  failure.facts.attempts = loop_.attempts();
  failure.facts.elapsed = loop_.elapsed();
  failure.facts.retryable = recovery_ != ConnectRecovery::never && recovery_ != ConnectRecovery::new_token;
  if (endpoint_gone_) throw EndpointGone{false, std::move(failure.pg), std::move(failure.facts)};
  detail::throw_login_failure(std::move(failure));
}

nanoseconds Connecting::usual_pause() {
  if (recovery_ == ConnectRecovery::retry) return detail::next_pause(options_.wake, loop_.attempts());
  if (recovery_ == ConnectRecovery::retry_slowly) {
    return detail::next_pause(options_.crowded, ++crowded_, options_.crowded.first);
  }
  return nanoseconds{0};
}

void Connecting::check() const {
  if (loop_.is_stopped()) throw_stopped();
}

std::optional<Connection> Connecting::attempt() {
  auto* const events = source_.events.get();
  if (events != nullptr) login_ = lakebase::detail::OpenEvent{*events, clock_.get(), event(EventKind::login)};
  try {
    if (!find_secret()) return std::nullopt;
    dialled_ = dial();
  } catch (...) {
    login_.fail(event(EventKind::login), std::current_exception());
    throw;
  }
  if (!dialled_.session) return std::nullopt;
  login_.end(event(EventKind::login));
  dialled_.session->tell_to(source_.events);
  return ConnectionAccess::make(std::move(dialled_.session));
}

std::optional<nanoseconds> Connecting::next_pause() {
  if (no_secret_) {
    auto const pause = loop_.fitting(detail::next_pause(options_.wake, loop_.attempts(), retry_after_));
    end_login(pause.has_value());
    return pause;
  }
  recovery_ = judge();
  auto const& failure = dialled_.failure;
  if (!failure.pg.sqlstate.empty()) last_refusal_ = failure;
  auto const pause = loop_.fitting(usual_pause());
  bool const goes_on = pause && recovery_ != ConnectRecovery::never;
  end_login(goes_on);
  if (options_.on_attempt) {
    options_.on_attempt(
        {loop_.attempts(), recovery_, failure.pg.sqlstate, failure.facts.message, goes_on ? *pause : nanoseconds{0}});
  }
  return goes_on ? pause : std::nullopt;
}

Connection Connecting::give_up() const {
  if (no_secret_) std::rethrow_exception(no_secret_);
  // If the remaining time was too short for the last attempt, the server's earlier error says more than that.
  bool const says_nothing = cut_short_ && dialled_.failure.pg.sqlstate.empty() && last_refusal_;
  fail(says_nothing ? *last_refusal_ : dialled_.failure);
}

void Connecting::throw_stopped() const {
  throw Cancelled("connecting to " + source_.parameters.host + " was stopped");
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
