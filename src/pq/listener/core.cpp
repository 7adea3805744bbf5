#include "pq/listener/core.hpp"

#include <algorithm>
#include <utility>

#include "base/after.hpp"
#include "base/retry/retry_loop.hpp"
#include "pq/login/source_clock.hpp"
#include "pq/session/backoff.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

using lakebase::detail::after;
using lakebase::detail::time_left;
using std::chrono::nanoseconds;

// The longest request to the service about an endpoint.
constexpr nanoseconds longest_look = std::chrono::seconds{5};

// Whether the same may succeed later, also on a server that reads only as long as it takes over from another.
bool may_pass(Error const& error) {
  return error.retryable() || dynamic_cast<ReadOnlyTransaction const*>(&error) != nullptr ||
         dynamic_cast<StatementTimeout const*>(&error) != nullptr;
}

[[noreturn]] void throw_cancelled() {
  throw Cancelled("the wait for a notification was stopped");
}

}  // namespace

// The steps of the loop that brings a session back.
class Resubscribing {
 public:
  Resubscribing(ListenerCore& core, ListenerCore::Moment deadline, std::stop_token const& stop)
      : core_(core), stop_(stop), loop_(*core.clock_, {.deadline = deadline, .max_attempts = {}, .stop = stop}) {}

  bool run() { return loop_.run(*this); }

 private:
  friend lakebase::detail::RetryLoop;
  void check() const {
    if (loop_.is_stopped()) throw_cancelled();
  }

  // Also if no time is left: a caller that polls would never get a session otherwise.
  std::optional<bool> attempt() {
    if (until_due() > nanoseconds{0}) return std::nullopt;
    if (!core_.options_.wake && !core_.endpoint_runs(stop_)) {
      core_.postpone(core_.options_.look_interval);
      return std::nullopt;
    }
    auto const& how = core_.options_.connect;
    try {
      core_.subscribe(core_.channels_, std::min(std::max(loop_.left(), how.attempt_timeout), how.timeout), stop_);
      return true;
    } catch (Cancelled const&) {
      throw;
    } catch (Error const& error) {
      core_.postpone(next_pause_of_core());
      if (!may_pass(error)) throw;
      return std::nullopt;
    }
  }

  // Until the next attempt is due, or to the end of the time.
  std::optional<nanoseconds> next_pause() const {
    auto const left = loop_.left();
    if (left == nanoseconds{0}) return std::nullopt;
    return std::min(until_due(), left);
  }
  static bool give_up() { return false; }
  [[noreturn]] static void throw_stopped() { throw_cancelled(); }

  nanoseconds until_due() const { return time_left(core_.clock_->now(), core_.next_attempt_); }
  nanoseconds next_pause_of_core() { return detail::next_pause(core_.options_.connect.wake, ++core_.failures_); }

  ListenerCore& core_;
  std::stop_token const& stop_;
  lakebase::detail::RetryLoop loop_;
};

ListenerCore::ListenerCore(ConnectionSource source, ListenerOptions options)
    : source_(std::move(source)), options_(std::move(options)), clock_(clock_for(source_, options_.connect.clock)) {
  if (!source_.credentials) throw ConfigError("no credentials to connect with");
  validate(source_.parameters, source_.credentials->uses_tokens());
  if (source_.parameters.pooled) {
    throw ConfigError("the pooled host " + source_.parameters.host +
                      " passes no notifications on: listen at the direct host");
  }
  if (!options_.wake && !source_.ask_running) {
    throw ConfigError(
        "a Listener that is not to wake its endpoint has to be told by the service whether that runs: take a source "
        "from source_for, or set ask_running");
  }
}

void ListenerCore::become(ListenerState state, std::string const& reason) {
  if (state_.exchange(state) == state) return;
  if (options_.on_event) options_.on_event({state, reason});
}

void ListenerCore::postpone(nanoseconds pause) {
  next_attempt_ = after(clock_->now(), pause);
}

void ListenerCore::lose(ConnectionError const& error) {
  connection_.reset();
  gaps_.lose(error.message());
  // A server that ends each session at once is not to be asked in a loop.
  bool const at_once = clock_->now() - subscribed_at_ < options_.connect.wake.first;
  failures_ = at_once ? failures_ + 1 : 0;
  auto const pause = at_once ? detail::next_pause(options_.connect.wake, failures_) : nanoseconds{0};
  // The service may take a moment to notice that an endpoint is suspended.
  postpone(options_.wake ? pause : std::max(pause, options_.look_interval));
  become(ListenerState::connecting, error.message());
}

void ListenerCore::subscribe(Channels const& channels, nanoseconds timeout, std::stop_token const& stop) {
  become(ListenerState::connecting);
  auto how = options_.connect;
  how.timeout = timeout;
  how.stop = stop;
  auto connection = connect(source_, how);
  std::string sql;
  for (auto const& channel : channels) sql += "LISTEN " + connection.quote_identifier(channel) + ';';
  connection.exec(sql, {}, {.timeout = std::min(timeout, how.attempt_timeout), .stop = stop});
  connection_ = std::move(connection);
  subscribed_at_ = clock_->now();
  gaps_.begin(clock_->system_now());
  become(ListenerState::listening);
}

bool ListenerCore::endpoint_runs(std::stop_token const& stop) {
  try {
    if (source_.ask_running(longest_look, stop)) return true;
    become(ListenerState::asleep);
  } catch (Cancelled const&) {
    throw;
  } catch (NotFound const&) {  // `connect` finds that, too, and says what it means
    return true;
  } catch (Error const&) {  // not known: the next look tells
  }
  return false;
}

bool ListenerCore::resubscribe(Moment deadline, std::stop_token const& stop) {
  return Resubscribing{*this, deadline, stop}.run();
}

void ListenerCore::listen(std::string_view channel, StatementOptions const& bounds) {
  if (channels_.contains(channel)) return;
  try {
    if (connection_) connection_->listen(channel, bounds);
  } catch (ConnectionError const& error) {
    lose(error);
  }
  auto with_it = channels_;
  with_it.emplace(channel);
  if (!connection_) {
    auto const state = state_.load();
    try {
      subscribe(with_it, bounds.timeout.value_or(options_.connect.timeout), bounds.stop);
    } catch (...) {
      become(state);
      throw;
    }
  }
  channels_ = std::move(with_it);
}

void ListenerCore::unlisten(std::string_view channel, StatementOptions const& bounds) {
  auto const found = channels_.find(channel);
  if (found == channels_.end()) return;
  auto const name = *found;
  channels_.erase(found);
  if (channels_.empty()) {
    connection_.reset();
    gaps_.forget();
    become(ListenerState::idle);
    return;
  }
  try {
    if (connection_) connection_->unlisten(name, bounds);
  } catch (ConnectionError const& error) {
    lose(error);
  }
}

std::optional<Heard> ListenerCore::next(StatementOptions const& bounds) {
  auto const deadline = bounds.timeout ? after(clock_->now(), *bounds.timeout) : Moment::max();
  for (;;) {
    if (channels_.empty()) throw InvalidArgument("there is no channel to wait for: call listen first");
    if (!connection_ && !resubscribe(deadline, bounds.stop)) return std::nullopt;
    if (auto gap = gaps_.take()) return *std::move(gap);
    try {
      if (auto notification = hear(deadline, bounds.stop)) return *std::move(notification);
      return std::nullopt;
    } catch (ConnectionError const& error) {
      lose(error);
    }
  }
}

std::optional<Notification> ListenerCore::hear(Moment deadline, std::stop_token const& stop) {
  for (;;) {
    auto notification = take_or_wait(deadline, stop);
    if (!notification) return std::nullopt;
    gaps_.heard();
    // One of a channel that was given up may have been under way.
    if (channels_.contains(notification->channel)) return notification;
  }
}

std::optional<Notification> ListenerCore::take_or_wait(Moment deadline, std::stop_token const& stop) {
  if (auto there = connection_->wait_notification({.timeout = nanoseconds{0}})) return there;
  gaps_.quiet(clock_->system_now());
  StatementOptions bounds{.stop = stop};
  if (deadline != Moment::max()) bounds.timeout = time_left(clock_->now(), deadline);
  return connection_->wait_notification(bounds);
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
