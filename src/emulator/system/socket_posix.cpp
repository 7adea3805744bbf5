#include "system/socket_posix.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace lakebase::emulator {
namespace {

[[noreturn]] void throw_errno(char const* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int milliseconds_until(Deadline deadline) {
  auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, 3'600'000));
}

/// Checks the account of the server: the folder's owner could have replaced the socket by a link to another server,
/// which trusts us but not that owner.
void require_peer_of(std::filesystem::path const& folder, int fd) {
  struct stat facts {};
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::lstat(folder.c_str(), &facts) != 0) throw_errno("lstat");
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) throw_errno("getsockopt");
  if (peer.uid != facts.st_uid) throw std::system_error(EACCES, std::generic_category(), "a server of another account");
}

}  // namespace

bool wait_for(int fd, Readiness readiness, Deadline deadline) {
  pollfd waited{fd, static_cast<short>(readiness == Readiness::readable ? POLLIN : POLLOUT), 0};
  while (std::chrono::steady_clock::now() < deadline) {
    int ready = ::poll(&waited, 1, milliseconds_until(deadline));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) throw_errno("poll");
  }
  return false;
}

bool is_readable(int fd) {
  pollfd waited{fd, POLLIN, 0};
  return ::poll(&waited, 1, 0) > 0;
}

UniqueFd connect_unix(std::filesystem::path const& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string const& path = socket.native();
  if (path.size() >= sizeof address.sun_path) throw std::system_error(ENAMETOOLONG, std::generic_category(), path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!fd) throw_errno("socket");
  int result = 0;
  do {
    result = ::connect(fd.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address);
  } while (result != 0 && errno == EINTR);
  if (result != 0) throw_errno("connect");
  require_peer_of(socket.parent_path(), fd.get());
  return fd;
}

UniqueFd listen_on(std::string const& address, std::uint16_t port) {
  sockaddr_in wanted{};
  wanted.sin_family = AF_INET;
  wanted.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &wanted.sin_addr) != 1) {
    throw std::system_error(EINVAL, std::generic_category(), address);
  }
  UniqueFd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!fd) throw_errno("socket");
  int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd.get(), reinterpret_cast<sockaddr const*>(&wanted), sizeof wanted) != 0) throw_errno("bind");
  if (::listen(fd.get(), 1024) != 0) throw_errno("listen");
  return fd;
}

std::uint16_t port_of(int listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) throw_errno("getsockname");
  bool const is_v4 = address.ss_family == AF_INET;
  return ntohs(is_v4 ? reinterpret_cast<sockaddr_in const&>(address).sin_port
                     : reinterpret_cast<sockaddr_in6 const&>(address).sin6_port);
}

UniqueFd accept_client(int listener) {
  UniqueFd client{::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
  if (client) {
    int on = 1;
    ::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  return client;
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) throw_errno("send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::size_t receive_some(int fd, char* buffer, std::size_t size) {
  for (;;) {
    ssize_t received = ::recv(fd, buffer, size, 0);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (errno != EINTR) throw_errno("recv");
  }
}

void set_blocking(int fd, bool blocking) {
  int flags = ::fcntl(fd, F_GETFL);
  flags = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags) != 0) throw_errno("fcntl");
}

void stop_receiving(int fd) noexcept {
  ::shutdown(fd, SHUT_RD);
}

void shut_down(int fd) noexcept {
  ::shutdown(fd, SHUT_RDWR);
}

}  // namespace lakebase::emulator
