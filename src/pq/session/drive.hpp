#pragma once

#include <stop_token>

#include "pq/session/socket_waiter_posix.hpp"
#include "pq/steps/step.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Drives a step to its end in this thread. The one place where a thread waits for a server.
template <class Step>
void drive(Step& step, SocketWaiter& waiter, std::stop_token const& stop) {
  Woken woken;
  while (auto const wait = step.next(woken)) woken.by = waiter.wait(*wait, stop);
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
