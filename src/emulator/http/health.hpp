#pragma once

#include <optional>

#include "http/http_message.hpp"

namespace lakebase::emulator {

/// The response to `GET /health`, which needs no token: 200 `{"status":"ok"}` if the emulator serves, else 503
/// `{"status":"starting"}`. None for other requests.
std::optional<HttpReply> health(HttpRequest const& request, bool serves);

/// The response to all other requests before the emulator serves: 503 with `Retry-After`.
HttpReply not_yet();

}  // namespace lakebase::emulator
