#include "mcp/protocol/transport/http_sessions.hpp"

#include <utility>

#include "base/random.hpp"
#include "base/text/base64.hpp"

namespace lakebase::mcp {

std::string HttpSessions::add(std::shared_ptr<Session> session) {
  auto id = detail::base64url(detail::random_bytes(24));
  auto entry = std::make_shared<HttpSession>();
  entry->session = std::move(session);
  std::lock_guard const lock{mutex_};
  by_use_.emplace_front(id, std::move(entry));
  by_id_[id] = by_use_.begin();
  if (by_use_.size() > most) {
    by_use_.back().second->calls.cancel_all();
    by_id_.erase(by_use_.back().first);
    by_use_.pop_back();
  }
  return id;
}

std::shared_ptr<HttpSession> HttpSessions::find(std::string const& id) {
  std::lock_guard const lock{mutex_};
  auto const found = by_id_.find(id);
  if (found == by_id_.end()) return nullptr;
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  return found->second->second;
}

bool HttpSessions::end(std::string const& id) {
  std::lock_guard const lock{mutex_};
  auto const found = by_id_.find(id);
  if (found == by_id_.end()) return false;
  found->second->second->calls.cancel_all();
  by_use_.erase(found->second);
  by_id_.erase(found);
  return true;
}

void HttpSessions::end_all() {
  std::lock_guard const lock{mutex_};
  for (auto& [id, session] : by_use_) session->calls.cancel_all();
}

}  // namespace lakebase::mcp
