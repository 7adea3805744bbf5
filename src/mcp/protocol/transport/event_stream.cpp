#include "mcp/protocol/transport/event_stream.hpp"

#include <utility>

namespace lakebase::mcp {
namespace {

std::string event(Json const& message) {
  return "event: message\ndata: " + json_line(message) + "\n\n";
}

}  // namespace

void EventStream::send(Json const& message) {
  if (!keeps_messages_) return;
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return abandoned_ || finished_ || messages_.size() < most_waiting; });
  if (abandoned_ || finished_) return;
  messages_.push_back(message);
  changed_.notify_all();
}

void EventStream::finish(std::optional<Json> response) {
  std::lock_guard const lock{mutex_};
  response_ = std::move(response);
  finished_ = true;
  changed_.notify_all();
}

void EventStream::abandon() {
  {
    std::lock_guard const lock{mutex_};
    abandoned_ = true;
    messages_.clear();
    changed_.notify_all();
  }
  stop_.request_stop();
}

void EventStream::wait(std::chrono::milliseconds longest) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, longest, [this] { return has_news(); });
}

std::optional<Json> EventStream::only_response() {
  std::lock_guard const lock{mutex_};
  if (!finished_ || !messages_.empty()) return std::nullopt;
  return response_;
}

std::string EventStream::take_events() {
  std::lock_guard const lock{mutex_};
  std::string events;
  for (auto const& message : messages_) events += event(message);
  messages_.clear();
  if (response_) events += event(*std::exchange(response_, std::nullopt));
  changed_.notify_all();
  return events;
}

bool EventStream::is_over() {
  std::lock_guard const lock{mutex_};
  return finished_;
}

bool EventStream::is_sent() {
  std::lock_guard const lock{mutex_};
  return finished_ && messages_.empty() && !response_;
}

}  // namespace lakebase::mcp
