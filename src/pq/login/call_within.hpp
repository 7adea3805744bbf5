#pragma once

#include <chrono>
#include <stop_token>
#include <utility>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// The client of a service with calls of one attempt, within a time and until a stop request.
template <class Client>
Client by_one_attempt(Client const& client, std::chrono::nanoseconds timeout, std::stop_token stop) {
  auto how = client.options();
  how.timeout = timeout;
  how.stop = std::move(stop);
  how.retry.max_attempts = 1;
  return client.with(std::move(how));
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
