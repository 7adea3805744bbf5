#pragma once

#include <optional>

#include "http/http_message.hpp"

namespace lakebase::emulator {

/// The answer to `GET /health`, which shows no token: 200 `{"status":"ok"}` where the emulator serves, else 503
/// `{"status":"starting"}`. None: the request is another one.
std::optional<HttpReply> health(HttpRequest const& request, bool serves);

/// The answer to all other requests before the emulator serves: 503 with `Retry-After`.
HttpReply not_yet();

}  // namespace lakebase::emulator
