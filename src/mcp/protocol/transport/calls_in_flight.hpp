#pragma once

#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>

#include "mcp/protocol/json/json.hpp"

namespace lakebase::mcp {

/// The requests at work of one stream or session, by their ids. Any thread may use it.
class CallsInFlight {
 public:
  /// False if the id is in use.
  [[nodiscard]] bool begin(Json const& id, std::stop_source stop) {
    std::lock_guard const lock{mutex_};
    return stops_.try_emplace(json_line(id), std::move(stop)).second;
  }
  void end(Json const& id) {
    std::lock_guard const lock{mutex_};
    stops_.erase(json_line(id));
  }
  /// `notifications/cancelled`, or a stream that was closed.
  void cancel(Json const& id) {
    std::lock_guard const lock{mutex_};
    if (auto const found = stops_.find(json_line(id)); found != stops_.end()) found->second.request_stop();
  }
  void cancel_all() {
    std::lock_guard const lock{mutex_};
    for (auto& [id, stop] : stops_) stop.request_stop();
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::stop_source> stops_;
};

}  // namespace lakebase::mcp
