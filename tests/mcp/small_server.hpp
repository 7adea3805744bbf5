#pragma once

#include <condition_variable>
#include <mutex>

#include "mcp/protocol/dispatch/server.hpp"

namespace lakebase::mcp {

/// Tells a test when a tool has begun, and when it was stopped.
class Watch {
 public:
  void begin() { set(begun_); }
  void end() { set(stopped_); }
  [[nodiscard]] bool has_begun() { return wait(begun_); }
  [[nodiscard]] bool was_stopped() { return wait(stopped_); }

 private:
  void set(bool& flag) {
    std::lock_guard const lock{mutex_};
    flag = true;
    changed_.notify_all();
  }
  bool wait(bool& flag) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{10}, [&] { return flag; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool begun_ = false;
  bool stopped_ = false;
};

/// `echo`, `ask` (for a name) and `wait` (until it is stopped).
inline Features small_features(Watch& watch) {
  Features features{.name = "small", .version = "1", .lists_change = true};
  features.tools.push_back(
      {.name = "echo", .description = "Echoes.", .run = [](Call& call) { return ToolResult::of(call.arguments()); }});
  features.tools.push_back({.name = "ask", .description = "Asks.", .run = [](Call& call) {
                              return ToolResult::of(
                                  call.ask({.key = "name", .method = "elicitation/create", .bound = true}));
                            }});
  features.tools.push_back({.name = "wait", .description = "Waits.", .run = [&watch](Call& call) -> ToolResult {
                              std::mutex mutex;
                              std::condition_variable_any never;
                              std::unique_lock lock{mutex};
                              watch.begin();
                              static_cast<void>(never.wait(lock, call.stop(), [] { return false; }));
                              watch.end();
                              throw Stopped{};
                            }});
  return features;
}

inline Json modern(Json const& id, std::string const& method, Json params = Json::object()) {
  params["_meta"] = {{version_key, "2026-07-28"},
                     {"io.modelcontextprotocol/clientCapabilities", {{"elicitation", Json::object()}}}};
  return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}};
}

inline Json legacy(Json const& id, std::string const& method, Json params = Json::object()) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}};
}

inline Json initialize(std::string const& version) {
  return legacy(0, "initialize", {{"protocolVersion", version}, {"capabilities", {{"elicitation", Json::object()}}}});
}

}  // namespace lakebase::mcp
