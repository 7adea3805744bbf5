#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <lakebase/pq/connect.hpp>
#include <lakebase/pq/connection.hpp>
#include <lakebase/pq/connection_source.hpp>
#include <lakebase/pq/export.hpp>
#include <lakebase/pq/statement_options.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace detail {
class ListenerCore;
}

/// What a Listener is doing.
enum class ListenerState {
  idle,        ///< It has no channel: there is no connection, and nothing is sent.
  connecting,  ///< There is no session yet, or none any more: what is sent now may be missed.
  asleep,     ///< The endpoint is suspended, and `ListenerOptions::wake` is false: waits until something else wakes it.
  listening,  ///< What is sent from now on arrives, or falls into a gap that is told.
};

/// A change of a Listener's state.
struct ListenerEvent {
  /// The new one.
  ListenerState state{};
  /// Why the session was lost, in the server's or libpq's words; empty for other changes. Holds no secret.
  std::string reason{};
};

/// A time in which notifications may have been missed, as there was no session to receive them. Whoever keeps a copy of
/// what they tell should read it anew.
struct NotificationGap {
  /// Everything that was committed before has arrived: the last notification proves that, so that it may be long ago if
  /// none came. By this machine's clock, with half a second subtracted for what was under way.
  std::chrono::system_clock::time_point since{};
  /// Everything that is committed after this arrives again, or falls into another gap.
  std::chrono::system_clock::time_point until{};
  /// Why the session was lost, in the server's or libpq's words. Holds no secret.
  std::string reason{};
};

/// What a Listener hands over.
using Heard = std::variant<Notification, NotificationGap>;

/// How a Listener behaves.
struct ListenerOptions {
  /// How to connect. Its `timeout` bounds one call of `connect`, after which the next one begins; `stop` is the
  /// caller's. Its clock is for all pauses and dates.
  ConnectOptions connect{};
  /// What to do when the session has ended. True: connect at once, which wakes an endpoint that was suspended, and
  /// costs as much as if it did not suspend. False: connect when the endpoint runs, as the service says; nobody can
  /// send a notification while it is suspended, so that only those in the first moments after it has been woken are
  /// missed.
  bool wake = true;
  /// Without `wake`: how long after the end of a session, and how often from then on, the service is asked whether the
  /// endpoint runs. That is a call of its API, which wakes nothing.
  std::chrono::nanoseconds look_interval = std::chrono::seconds{5};
  /// Called at each change of the state, in the thread that calls the Listener.
  std::function<void(ListenerEvent const&)> on_event{};
};

/// Receives notifications (NOTIFY, `pg_notify`) across sessions: when one ends, because the endpoint was suspended,
/// restarted or moved, or the session was too old, it connects with a fresh token, subscribes to all its channels, and
/// then says for which time notifications may have been missed. That is never left out:
///
///     lakebase::pq::Listener listener{source};
///     listener.listen("orders");                       // from here on nothing is missed in silence
///     read_all_orders();
///     listener.run([&](lakebase::pq::Notification const& notification) { read_order(notification.payload); },
///                  [&](lakebase::pq::NotificationGap const&) { read_all_orders(); }, stop);
///
/// It has one connection of its own while it has channels, and none otherwise. It sends nothing while it waits: it
/// keeps no endpoint awake. If a network path was cut silently, TCP notices that after about 80 s, and the gap begins
/// before.
///
/// Thread safety: for one thread at a time, but `state` may be called from all. The functions that `run` calls may
/// call `listen` and `unlisten`.
/// Exceptions: what each function names. After one that is not about an argument, the next call goes on as if it had
/// not been thrown: no gap is lost.
/// Lifetime: closes its session when it is destroyed. Has no thread of its own: what comes is kept until `next` or
/// `run` takes it; a program that does not call them for long lets the server's queue grow.
class [[nodiscard]] LAKEBASE_PQ_EXPORT Listener {
 public:
  /// Connects to nothing yet.
  /// @throws ConfigError if the source cannot work, or is a pooler, which passes no notifications on; and if `wake` is
  ///         false and the source cannot tell whether the endpoint runs, as one of `source_for` can
  explicit Listener(ConnectionSource source, ListenerOptions options = {});
  ~Listener();
  /// The other one may only be assigned to or destroyed afterwards.
  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) noexcept;

  /// Subscribes to a channel, named as in NOTIFY in quotes: case counts. Connects if there is no session, which wakes
  /// the endpoint. When it returns, nothing that is sent to the channel is missed in silence any more.
  /// `options.timeout` unset: `ConnectOptions::timeout` for connecting, and no bound for the statement.
  /// @throws InvalidArgument if the name is empty, longer than the 63 bytes that PostgreSQL compares, or has a NUL
  ///         character; ReadOnlyTransaction from a replica, which has no notifications; and what `connect` and
  ///         `Connection::exec` throw. The channel is not subscribed to then, those before it stay.
  void listen(std::string_view channel, StatementOptions const& options = {});
  /// Ends `listen`: nothing of the channel is handed over any more. After the last channel the session is closed.
  /// @throws what `Connection::exec` does, except ConnectionError
  void unlisten(std::string_view channel, StatementOptions const& options = {});
  /// The channels, in order.
  [[nodiscard]] std::vector<std::string> channels() const;

  /// Waits for the next notification or gap; none if the timeout passed first. Connects again if the session has ended,
  /// until it succeeds or the timeout passes; an attempt that has begun then is not broken off, so that it may take
  /// longer by `ConnectOptions::attempt_timeout`.
  /// @throws Cancelled if `options.stop` was requested and nothing has come; InvalidArgument if there is no channel;
  ///         EndpointGone, and other errors that no further attempt will remedy
  [[nodiscard]] std::optional<Heard> next(StatementOptions const& options = {});

  /// Calls `on_notification(Notification const&)` and `on_gap(NotificationGap const&)` until a stop request, or until
  /// there is no channel any more.
  /// @throws what `next` does except Cancelled, and what the functions throw
  template <class OnNotification, class OnGap>
  void run(OnNotification&& on_notification, OnGap&& on_gap, std::stop_token const& stop = {}) {
    constexpr bool fit =
        std::invocable<OnNotification&, Notification const&> && std::invocable<OnGap&, NotificationGap const&>;
    static_assert(fit,
                  "run calls its first function with a Notification const&, its second with a NotificationGap const&");
    if constexpr (fit) {
      while (auto const heard = next_until_stopped(stop)) {
        if (auto const* const notification = std::get_if<Notification>(&*heard)) {
          on_notification(*notification);
        } else {
          on_gap(std::get<NotificationGap>(*heard));
        }
      }
    }
  }

  /// What it is doing, as of the last call: the end of a session is noticed by `next`.
  [[nodiscard]] ListenerState state() const noexcept;

 private:
  std::optional<Heard> next_until_stopped(std::stop_token const& stop);

  std::unique_ptr<detail::ListenerCore> core_;
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
