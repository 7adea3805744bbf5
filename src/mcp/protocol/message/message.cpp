#include "mcp/protocol/message/message.hpp"

namespace lakebase::mcp {

Json id_of(Json const& message) {
  auto const& id = member(message, "id");
  return id.is_string() || id.is_number_integer() ? id : Json();
}

MessageKind kind_of(Json const& message) {
  if (!message.is_object()) throw ProtocolError(Code::invalid_request, "A message is a JSON object, one at a time.");
  if (text_of(message, "jsonrpc") != "2.0") {
    throw ProtocolError(Code::invalid_request, "\"jsonrpc\" must be \"2.0\".");
  }
  if (message.contains("id") && id_of(message).is_null()) {
    throw ProtocolError(Code::invalid_request, "\"id\" must be a string or an integer.");
  }
  if (!message.contains("method")) {
    if (message.contains("id") && message.contains("result") != message.contains("error")) return MessageKind::response;
    throw ProtocolError(Code::invalid_request, "There is no \"method\".");
  }
  if (!message["method"].is_string()) throw ProtocolError(Code::invalid_request, "\"method\" must be a string.");
  if (message.contains("params") && !message["params"].is_object()) {
    throw ProtocolError(Code::invalid_request, "\"params\" must be an object.");
  }
  return message.contains("id") ? MessageKind::request : MessageKind::notification;
}

Json result_message(Json const& id, Json result) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}};
}

Json error_message(Json const& id, ProtocolError const& error) {
  Json body{{"code", static_cast<int>(error.code())}, {"message", error.what()}};
  if (!error.data().is_null()) body["data"] = error.data();
  Json message{{"jsonrpc", "2.0"}, {"error", std::move(body)}};
  if (!id.is_null()) message["id"] = id;
  return message;
}

Json notification(std::string const& method, Json params) {
  return {{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}};
}

}  // namespace lakebase::mcp
