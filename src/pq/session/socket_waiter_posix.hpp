#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include "base/poll_posix.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

enum class Readiness { ready, timeout, stopped };

/// What to wait for on a socket; an error on it counts as ready, and so does a socket that is closed already.
struct SocketEvents {
  bool read = true;
  bool write = false;
};

/// Waits for sockets, for no longer than a deadline, and not past a stop request: those two are looked at first, so
/// that a loop that waits again and again ends with them, however busy its socket is. One thread at a time.
class SocketWaiter {
 public:
  Readiness wait(int socket, SocketEvents events, std::optional<std::chrono::steady_clock::time_point> deadline,
                 std::stop_token const& stop);

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
