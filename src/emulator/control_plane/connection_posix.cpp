#include "connection_posix.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>

namespace lakebase::emulator {
namespace {

constexpr int patience_ms = 30'000;  // in the middle of a request or of an answer
constexpr std::size_t buffer_size = 16 * 1024;
constexpr int backlog = 128;

bool wait_for(int socket, short events, int timeout_ms) {
  pollfd entry{socket, events, 0};
  int ready = 0;
  do {
    ready = ::poll(&entry, 1, timeout_ms);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

void describe_address(sockaddr_storage const& address, std::string& ip, int& port) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.ss_family == AF_INET) {
    auto const& v4 = reinterpret_cast<sockaddr_in const&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    port = ntohs(v4.sin_port);
  } else if (address.ss_family == AF_INET6) {
    auto const& v6 = reinterpret_cast<sockaddr_in6 const&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    port = ntohs(v6.sin6_port);
  }
  ip = text;
}

}  // namespace

Connection::Connection(int socket) : socket_(socket) {
  int const on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Connection::~Connection() {
  if (reset_) {
    linger const at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  } else {
    ::shutdown(socket_, SHUT_WR);
  }
  ::close(socket_);
}

bool Connection::wait_for_request(std::chrono::milliseconds longest) {
  if (cut_ || hung_up_) return false;
  if (buffer_at_ < buffer_.size()) return true;
  if (!wait_for(socket_, POLLIN, static_cast<int>(longest.count())) || hung_up_) return false;
  char byte = 0;
  return ::recv(socket_, &byte, 1, MSG_PEEK) > 0;
}

void Connection::hang_up() {
  hung_up_ = true;
  ::shutdown(socket_, SHUT_RD);
}

void Connection::cut(bool reset) {
  cut_ = true;
  reset_ = reset;
}

bool Connection::is_readable() const {
  return buffer_at_ < buffer_.size() || wait_for(socket_, POLLIN, patience_ms);
}

bool Connection::is_writable() const {
  return wait_for(socket_, POLLOUT, patience_ms);
}

ssize_t Connection::read(char* target, std::size_t size) {
  if (buffer_at_ == buffer_.size()) {
    if (!is_readable()) return -1;
    buffer_.resize(buffer_size);
    ssize_t received = 0;
    do {
      received = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
    } while (received < 0 && errno == EINTR);
    buffer_.resize(received > 0 ? static_cast<std::size_t>(received) : 0);
    buffer_at_ = 0;
    if (received <= 0) return received;
  }
  auto const count = buffer_.copy(target, size, buffer_at_);
  buffer_at_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t Connection::write(char const* data, std::size_t size) {
  if (cut_) return static_cast<ssize_t>(size);
  std::size_t sent = 0;
  while (sent < size) {
    if (!is_writable()) return -1;
    auto const count = ::send(socket_, data + sent, size - sent, MSG_NOSIGNAL);
    if (count < 0 && errno != EINTR && errno != EAGAIN) return -1;
    if (count > 0) sent += static_cast<std::size_t>(count);
  }
  return static_cast<ssize_t>(size);
}

void Connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0) describe_address(address, ip, port);
}

void Connection::get_local_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0) describe_address(address, ip, port);
}

void widen_backlog(int listening_socket) {
  ::listen(listening_socket, backlog);
}

void close_socket(int socket) {
  ::close(socket);
}

void set_listening_options(int socket) {
  int const on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

}  // namespace lakebase::emulator
