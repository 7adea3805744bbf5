#include "mcp/protocol/dispatch/listeners.hpp"

#include <algorithm>

namespace lakebase::mcp {

namespace {

// A notification as one of a subscription.
Json of_subscription(Json message, Json const& id) {
  message["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] = id;
  return message;
}

}  // namespace

std::shared_ptr<void> Listeners::add(Json id, Json granted, std::shared_ptr<Outlet> outlet) {
  // With the lock, so that no change is told before this, and none after it is missed.
  std::lock_guard const lock{mutex_};
  outlet->send(
      of_subscription(notification("notifications/subscriptions/acknowledged", {{"notifications", granted}}), id));
  auto const entry = listeners_.insert(listeners_.end(), {std::move(id), std::move(granted), std::move(outlet)});
  return {nullptr, [this, entry](void*) {
            std::lock_guard const leaving{mutex_};
            listeners_.erase(entry);
          }};
}

void Listeners::add(std::weak_ptr<Session> session) {
  std::lock_guard const lock{mutex_};
  std::erase_if(sessions_, [](auto const& known) { return known.expired(); });
  sessions_.push_back(std::move(session));
}

std::vector<std::shared_ptr<Session>> Listeners::sessions() {
  std::vector<std::shared_ptr<Session>> found;
  std::lock_guard const lock{mutex_};
  for (auto const& known : sessions_) {
    if (auto session = known.lock()) found.push_back(std::move(session));
  }
  return found;
}

void Listeners::list_changed(std::string const& kind) {
  auto const message = notification("notifications/" + kind + "/list_changed", Json::object());
  {
    std::lock_guard const lock{mutex_};
    for (auto const& listener : listeners_) {
      if (member(listener.granted, kind + "ListChanged") == true)
        listener.outlet->send(of_subscription(message, listener.id));
    }
  }
  for (auto const& session : sessions()) session->send_unsolicited(message);
}

void Listeners::resource_updated(std::string const& uri) {
  auto const message = notification("notifications/resources/updated", {{"uri", uri}});
  {
    std::lock_guard const lock{mutex_};
    for (auto const& listener : listeners_) {
      auto const& wanted = member(listener.granted, "resourceSubscriptions");
      if (std::find(wanted.begin(), wanted.end(), uri) != wanted.end()) {
        listener.outlet->send(of_subscription(message, listener.id));
      }
    }
  }
  for (auto const& session : sessions()) {
    if (session->is_subscribed(uri)) session->send_unsolicited(message);
  }
}

}  // namespace lakebase::mcp
