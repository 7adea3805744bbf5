#include "http/health.hpp"

#include "http/json_reply.hpp"

namespace lakebase::emulator {

std::optional<HttpReply> health(HttpRequest const& request, bool serves) {
  bool const asked = request.path == "/health" && (request.method == "GET" || request.method == "HEAD");
  if (!asked) return std::nullopt;
  HttpReply reply;
  reply.status = serves ? 200 : 503;
  reply.body = serves ? R"({"status":"ok"})" : R"({"status":"starting"})";
  return reply;
}

HttpReply not_yet() {
  auto reply = with_request_id(error_reply({503, "TEMPORARILY_UNAVAILABLE", "The emulator is starting."}));
  reply.headers.emplace_back("Retry-After", "1");
  return reply;
}

}  // namespace lakebase::emulator
