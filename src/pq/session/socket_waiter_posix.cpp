#include "pq/session/socket_waiter_posix.hpp"

#include <array>

#include <sys/socket.h>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

using lakebase::detail::PollOutcome;

Readiness SocketWaiter::wait(int socket, SocketEvents events,
                             std::optional<std::chrono::steady_clock::time_point> deadline,
                             std::stop_token const& stop) {
  short const wanted = static_cast<short>((events.read ? POLLIN : 0) | (events.write ? POLLOUT : 0));
  std::array<pollfd, 2> files{pollfd{}, pollfd{socket, wanted, 0}};
  switch (poller_.wait(files, deadline, stop)) {
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
