#pragma once

#include <chrono>
#include <cstddef>

#include "http/request_reader.hpp"

namespace lakebase::emulator {

/// Limits on what clients can use of the server.
struct HttpLimits {
  RequestLimits request;
  std::size_t connections = 256;
  /// From the first byte of a request, or from connecting, to the request's end.
  std::chrono::milliseconds request_time{20'000};
  /// How long an authenticated client may keep its connection without a request.
  std::chrono::milliseconds idle_time{120'000};
  /// How long a client may take to receive a response.
  std::chrono::milliseconds response_time{30'000};
};

}  // namespace lakebase::emulator
