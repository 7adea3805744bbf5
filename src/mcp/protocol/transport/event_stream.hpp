#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "mcp/protocol/message/message.hpp"

namespace lakebase::mcp {

/// The messages of one HTTP response, between the thread that makes them and the one that sends them.
class EventStream : public Outlet {
 public:
  /// What a reader does not take: a handler that sends more than this waits for it.
  static constexpr std::size_t most_waiting = 1000;

  /// @param keeps_messages whether there is more than a response
  explicit EventStream(bool keeps_messages) : keeps_messages_(keeps_messages) {}

  void send(Json const& message) override;
  /// The response, which is the last message; none if there will be none.
  void finish(std::optional<Json> response);
  /// Nobody reads any more: what is sent is dropped, and the work is told to end.
  void abandon();

  /// Waits until there is a message, or the end.
  void wait(std::chrono::milliseconds longest);
  /// The response, if nothing was sent before it.
  [[nodiscard]] std::optional<Json> only_response();
  /// The messages that are there as server-sent events.
  [[nodiscard]] std::string take_events();
  /// Whether nothing more will come, and whether all that came was taken.
  [[nodiscard]] bool is_over();
  [[nodiscard]] bool is_sent();

  /// Tells the work to end.
  [[nodiscard]] std::stop_source const& stop() const { return stop_; }

 private:
  [[nodiscard]] bool has_news() const { return finished_ || !messages_.empty(); }

  bool const keeps_messages_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Json> messages_;
  std::optional<Json> response_;
  bool finished_ = false;
  bool abandoned_ = false;
  std::stop_source stop_;
};

}  // namespace lakebase::mcp
