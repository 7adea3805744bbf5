#pragma once

#include <string>

#include "mcp/protocol/json/json.hpp"
#include "mcp/protocol/message/protocol_error.hpp"

namespace lakebase::mcp {

enum class MessageKind { request, notification, response };

/// What a JSON value is as a message. @throws ProtocolError if it is none
[[nodiscard]] MessageKind kind_of(Json const& message);

/// The id to respond with: null if the message has none that could be one.
[[nodiscard]] Json id_of(Json const& message);

[[nodiscard]] Json result_message(Json const& id, Json result);
/// Without an id where the request was unreadable.
[[nodiscard]] Json error_message(Json const& id, ProtocolError const& error);
[[nodiscard]] Json notification(std::string const& method, Json params);

/// Where messages about one request go, in order. Any thread may send.
class Outlet {
 public:
  Outlet() = default;
  Outlet(Outlet const&) = delete;
  Outlet& operator=(Outlet const&) = delete;
  virtual ~Outlet() = default;
  virtual void send(Json const& message) = 0;
};

}  // namespace lakebase::mcp
