#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "mcp/protocol/era/session.hpp"
#include "mcp/protocol/transport/calls_in_flight.hpp"

namespace lakebase::mcp {

/// A legacy session over HTTP.
struct HttpSession {
  std::shared_ptr<Session> session;
  CallsInFlight calls{};
};

/// The legacy sessions by their ids. Clients seldom end theirs: the one that was not used for the longest makes room.
class HttpSessions {
 public:
  static constexpr std::size_t most = 1000;

  /// Returns the new id, which nobody can guess.
  [[nodiscard]] std::string add(std::shared_ptr<Session> session);
  /// Null if there is no such session.
  [[nodiscard]] std::shared_ptr<HttpSession> find(std::string const& id);
  [[nodiscard]] bool end(std::string const& id);
  void end_all();

 private:
  using Entry = std::pair<std::string, std::shared_ptr<HttpSession>>;

  std::mutex mutex_;
  /// The one that was used last is the first.
  std::list<Entry> by_use_;
  std::unordered_map<std::string, std::list<Entry>::iterator> by_id_;
};

}  // namespace lakebase::mcp
