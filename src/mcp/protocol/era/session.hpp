#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "mcp/protocol/era/era.hpp"
#include "mcp/protocol/message/message.hpp"

namespace lakebase::mcp {

/// What `initialize` opens in the legacy era. Any thread may use it.
class Session {
 public:
  /// @throws ProtocolError
  explicit Session(Json const& params);

  /// The version that is spoken: the one asked for, or the newest.
  [[nodiscard]] std::string const& version() const noexcept { return version_; }
  [[nodiscard]] Client client() const;
  void set_log_level(int level);

  /// Sends a request to the client and waits for its result. None if it was stopped.
  /// @throws ProtocolError if the response of the client is an error
  [[nodiscard]] std::optional<Json> ask(Outlet& outlet, std::string const& method, Json const& params,
                                        std::stop_token const& stop);
  /// Takes the client's response to such a request.
  void take_response(Json const& response);

  void subscribe(std::string const& uri, bool wanted);
  [[nodiscard]] bool is_subscribed(std::string const& uri) const;
  /// Where to send what belongs to no request; it may be gone.
  void set_unsolicited(std::weak_ptr<Outlet> outlet);
  void send_unsolicited(Json const& message);

 private:
  std::string version_;
  Json capabilities_ = Json::object();
  mutable std::mutex mutex_;
  std::condition_variable_any responded_;
  std::optional<int> log_level_ = 0;
  std::uint64_t last_id_ = 0;
  /// Null until there is a response.
  std::map<std::string, Json> asked_;
  std::set<std::string> subscriptions_;
  std::weak_ptr<Outlet> unsolicited_;
};

}  // namespace lakebase::mcp
