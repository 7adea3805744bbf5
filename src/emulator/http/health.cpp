#include "http/health.hpp"

#include "common/random.hpp"
#include "engine/errors.hpp"

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
  HttpReply reply;
  reply.status = 503;
  reply.body = ServiceError{503, "TEMPORARILY_UNAVAILABLE", "The emulator is starting."}.envelope().dump();
  reply.headers.emplace_back("Retry-After", "1");
  reply.headers.emplace_back("x-request-id", random_uuid());
  return reply;
}

}  // namespace lakebase::emulator
