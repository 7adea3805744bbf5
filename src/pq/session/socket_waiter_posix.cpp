#include "pq/session/socket_waiter_posix.hpp"

#include <array>
#include <cerrno>
#include <limits>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/after.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

using Deadline = std::optional<std::chrono::steady_clock::time_point>;

// For poll: rounded up, so that no time is left when it returns; -1 for ever.
int milliseconds_until(Deadline const& deadline) {
  if (!deadline) return -1;
  auto const span = lakebase::detail::time_left(std::chrono::steady_clock::now(), *deadline);
  auto const left = std::chrono::ceil<std::chrono::milliseconds>(span).count();
  return left > std::numeric_limits<int>::max() ? std::numeric_limits<int>::max() : static_cast<int>(left);
}

}  // namespace

SocketWaiter::~SocketWaiter() {
  if (alarm_out_ >= 0) ::close(alarm_out_);
  if (alarm_in_ >= 0) ::close(alarm_in_);
}

void SocketWaiter::open_alarm() {
  if (alarm_out_ >= 0) return;
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  for (int const end : ends) {
    ::fcntl(end, F_SETFD, FD_CLOEXEC);
    ::fcntl(end, F_SETFL, O_NONBLOCK);
  }
  alarm_out_ = ends[0];
  alarm_in_ = ends[1];
}

void SocketWaiter::silence_alarm() const {
  std::array<char, 16> rest{};
  while (::read(alarm_out_, rest.data(), rest.size()) > 0) {
  }
}

Readiness SocketWaiter::wait(int socket, SocketEvents events, Deadline deadline, std::stop_token const& stop) {
  bool const stoppable = stop.stop_possible();
  if (stoppable && stop.stop_requested()) return Readiness::stopped;
  // A peer that always has something to say must not keep its caller past the deadline.
  if (deadline && std::chrono::steady_clock::now() >= *deadline) return Readiness::timeout;
  // poll would pass over a socket that is closed, and wait for nothing.
  if (socket < 0) return Readiness::ready;
  if (stoppable) open_alarm();
  int const alarm = alarm_in_;
  auto const ring = [alarm, stoppable] {
    if (!stoppable) return;
    char const byte = 1;
    [[maybe_unused]] auto const written = ::write(alarm, &byte, 1);
  };
  std::stop_callback const on_stop{stop, ring};
  short const wanted = static_cast<short>((events.read ? POLLIN : 0) | (events.write ? POLLOUT : 0));
  std::array<pollfd, 2> descriptors{pollfd{socket, wanted, 0}, pollfd{alarm_out_, POLLIN, 0}};
  for (;;) {
    int const count = ::poll(descriptors.data(), stoppable ? 2 : 1, milliseconds_until(deadline));
    if (count < 0 && errno != EINTR && errno != EAGAIN) return Readiness::ready;  // the next read tells what it is
    if (stoppable && stop.stop_requested()) {
      silence_alarm();
      return Readiness::stopped;
    }
    if (count > 0 && descriptors[0].revents != 0) return Readiness::ready;
    if (count > 0 && stoppable) silence_alarm();  // a ring left over from an earlier wait
    if (deadline && std::chrono::steady_clock::now() >= *deadline) return Readiness::timeout;
  }
}

bool readable_now(int socket) noexcept {
  pollfd descriptor{socket, POLLIN, 0};
  return ::poll(&descriptor, 1, 0) != 0;
}

void shut_down(int socket) noexcept {
  if (socket >= 0) ::shutdown(socket, SHUT_RDWR);
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
