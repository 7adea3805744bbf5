#pragma once

#include <stop_token>

#include "base/poll_posix.hpp"
#include "pq/steps/step.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Waits for what a step needs, in this thread. One thread at a time.
class SocketWaiter {
 public:
  /// A stop request ends the wait if it is `stoppable`.
  Readiness wait(Wait const& wait, std::stop_token const& stop);

 private:
  lakebase::detail::Poller poller_{};
};

/// Whether something can be read from the socket at once. Costs one system call.
bool readable_now(int socket) noexcept;
/// Ends the traffic on a socket in both directions.
void shut_down(int socket) noexcept;

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
