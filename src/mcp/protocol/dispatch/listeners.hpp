#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "mcp/protocol/era/session.hpp"
#include "mcp/protocol/message/message.hpp"

namespace lakebase::mcp {

/// Who is told of changes: streams of `subscriptions/listen`, and sessions. Any thread may use it.
class Listeners {
 public:
  /// Sends what was granted, and then what changes of it, until the result is destroyed.
  [[nodiscard]] std::shared_ptr<void> add(Json id, Json granted, std::shared_ptr<Outlet> outlet);
  void add(std::weak_ptr<Session> session);

  /// `kind` is `tools`, `prompts` or `resources`.
  void list_changed(std::string const& kind);
  void resource_updated(std::string const& uri);

 private:
  struct Listener {
    Json id;
    Json granted;
    std::shared_ptr<Outlet> outlet;
  };
  [[nodiscard]] std::vector<std::shared_ptr<Session>> sessions();

  std::mutex mutex_;
  std::list<Listener> listeners_;
  std::vector<std::weak_ptr<Session>> sessions_;
};

}  // namespace lakebase::mcp
