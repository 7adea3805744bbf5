#pragma once

#include "common/json.hpp"
#include "engine/errors.hpp"
#include "http/http_message.hpp"

namespace lakebase::emulator {

/// A response with a document. Bytes in it that are not UTF-8 are replaced.
HttpReply json_reply(Json const& body, int status = 200);
/// The response that tells an error.
HttpReply error_reply(ServiceError const& error);
/// The response with the id that each one has, whoever makes it.
HttpReply with_request_id(HttpReply reply);

}  // namespace lakebase::emulator
