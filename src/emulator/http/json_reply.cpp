#include "http/json_reply.hpp"

#include <utility>

#include "common/random.hpp"

namespace lakebase::emulator {

HttpReply json_reply(Json const& body, int status) {
  HttpReply reply;
  reply.status = status;
  reply.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return reply;
}

HttpReply error_reply(ServiceError const& error) {
  return json_reply(error.envelope(), error.status());
}

HttpReply with_request_id(HttpReply reply) {
  reply.headers.emplace_back("x-request-id", random_uuid());
  return reply;
}

}  // namespace lakebase::emulator
