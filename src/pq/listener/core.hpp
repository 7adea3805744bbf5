#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>

#include <lakebase/error.hpp>
#include <lakebase/pq/listener.hpp>

#include "pq/listener/gap_watch.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// The channels of a Listener, and its session while there is one.
class ListenerCore {
 public:
  using Moment = std::chrono::steady_clock::time_point;
  using Channels = std::set<std::string, std::less<>>;

  ListenerCore(ConnectionSource source, ListenerOptions options);

  void listen(std::string_view channel, StatementOptions const& bounds);
  void unlisten(std::string_view channel, StatementOptions const& bounds);
  Channels const& channels() const noexcept { return channels_; }
  std::optional<Heard> next(StatementOptions const& bounds);
  ListenerState state() const noexcept { return state_; }

 private:
  friend class Resubscribing;
  // One attempt to have a session with these channels. @throws what `connect` and `exec` do
  void subscribe(Channels const& channels, std::chrono::nanoseconds timeout, std::stop_token const& stop);
  // Waits until there is a session; false if the time is over first. @throws Cancelled, and what will not pass
  bool resubscribe(Moment deadline, std::stop_token const& stop);
  bool endpoint_runs(std::stop_token const& stop);
  // The next notification of the session; none if the time is over first. @throws ConnectionError, Cancelled
  std::optional<Notification> hear(Moment deadline, std::stop_token const& stop);
  std::optional<Notification> take_or_wait(Moment deadline, std::stop_token const& stop);
  void lose(ConnectionError const& error);
  void postpone(std::chrono::nanoseconds pause);
  void become(ListenerState state, std::string const& reason = {});

  ConnectionSource source_;
  ListenerOptions options_;
  std::shared_ptr<Clock> clock_;
  Channels channels_{};
  std::optional<Connection> connection_{};
  GapWatch gaps_{};
  std::atomic<ListenerState> state_ = ListenerState::idle;
  // Sessions in a row that could not be made, or ended at once.
  int failures_ = 0;
  Moment subscribed_at_{};
  // No attempt to have a session begins earlier.
  Moment next_attempt_ = Moment::min();
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
