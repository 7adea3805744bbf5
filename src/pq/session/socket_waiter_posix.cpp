#include "pq/session/socket_waiter_posix.hpp"

#include <array>

#include <sys/socket.h>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

using lakebase::detail::PollOutcome;

Readiness SocketWaiter::wait(Wait const& wait, std::stop_token const& stop) {
  short const wanted = static_cast<short>((wait.read ? POLLIN : 0) | (wait.write ? POLLOUT : 0));
  std::array<pollfd, 2> files{pollfd{}, pollfd{wait.socket, wanted, 0}};
  switch (poller_.wait(files, wait.until, wait.stoppable ? stop : std::stop_token{})) {
    case PollOutcome::stopped:
      return Readiness::stopped;
    case PollOutcome::timeout:
      return Readiness::timeout;
    case PollOutcome::ready:
      break;
  }
  return Readiness::ready;
}

bool readable_now(int socket) noexcept {
  return lakebase::detail::has_input(socket);
}

void shut_down(int socket) noexcept {
  if (socket >= 0) ::shutdown(socket, SHUT_RDWR);
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
