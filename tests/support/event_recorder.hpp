#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <lakebase/events.hpp>

namespace lakebase::tests {

/// An event that has ended.
struct RecordedEvent {
  EventKind kind{};
  /// The kinds that it began in, and its own: `acquire > open > connect`.
  std::string path{};
  /// `name=value name=value`
  std::string facts{};
  std::string error{};
  std::chrono::nanoseconds duration{};
  bool will_retry = false;
  bool nests = true;

  bool has(std::string const& fact) const { return (' ' + facts + ' ').find(' ' + fact + ' ') != std::string::npos; }
};

/// Keeps all events that have ended, in the order of their ends.
class EventRecorder final : public EventObserver {
 public:
  explicit EventRecorder(bool wants_text = false) : wants_text_(wants_text) {}

  bool wants_query_text() const noexcept override { return wants_text_; }

  Context began(Event const& event) override {
    std::lock_guard const lock{mutex_};
    auto& under_way = under_way_[std::this_thread::get_id()];
    std::string path;
    for (auto const kind : under_way) path.append(to_string(kind)).append(" > ");
    path += to_string(event.kind);
    if (event.nests) under_way.push_back(event.kind);
    ++open_;
    return std::make_shared<std::string>(std::move(path));
  }

  void ended(Event const& event, Context context) override {
    std::lock_guard const lock{mutex_};
    auto const* const path = static_cast<std::string const*>(context.get());
    if (path != nullptr) --open_;
    if (path != nullptr && event.nests) under_way_[std::this_thread::get_id()].pop_back();
    events_.push_back({.kind = event.kind,
                       .path = path == nullptr ? std::string{to_string(event.kind)} : *path,
                       .facts = text_of(event),
                       .error = std::string{event.error_type},
                       .duration = event.duration,
                       .will_retry = event.will_retry,
                       .nests = event.nests});
  }

  std::vector<RecordedEvent> all() const {
    std::lock_guard const lock{mutex_};
    return events_;
  }
  std::vector<RecordedEvent> of(EventKind kind) const {
    auto events = all();
    std::erase_if(events, [&](RecordedEvent const& event) { return event.kind != kind; });
    return events;
  }
  std::vector<std::string> paths() const {
    std::vector<std::string> paths;
    for (auto const& event : all()) paths.push_back(event.path);
    return paths;
  }
  std::vector<std::string> facts_of(EventKind kind) const {
    std::vector<std::string> facts;
    for (auto const& event : of(kind)) facts.push_back(event.facts);
    return facts;
  }
  std::string facts() const {
    std::string text;
    for (auto const& event : all()) text += event.facts + '\n';
    return text;
  }
  /// How many have begun and not ended.
  int open() const {
    std::lock_guard const lock{mutex_};
    return open_;
  }
  void clear() {
    std::lock_guard const lock{mutex_};
    events_.clear();
  }

 private:
  static std::string text_of(Event const& event) {
    std::string text;
    for (auto const& [name, value, number] : attributes_of(event)) {
      if (!text.empty()) text += ' ';
      text.append(name).append("=").append(number ? std::to_string(*number) : std::string{value});
    }
    return text;
  }

  bool const wants_text_;
  mutable std::mutex mutex_{};
  std::map<std::thread::id, std::vector<EventKind>> under_way_{};
  std::vector<RecordedEvent> events_{};
  int open_ = 0;
};

/// Throws whenever it is told something.
class ThrowingObserver final : public EventObserver {
 public:
  Context began(Event const&) override { throw 1; }
  void ended(Event const&, Context) override { throw 2; }
};

}  // namespace lakebase::tests
