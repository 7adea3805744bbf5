#include "http/connection_posix.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace lakebase::emulator {
namespace {

constexpr std::size_t most_at_once = 16 * 1024;
constexpr int backlog = 1024;

bool must_wait() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

[[noreturn]] void throw_errno(char const* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Address address_of(std::string const& text, std::uint16_t port) {
  Address address;
  if (auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
      ::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    address.size = sizeof v4;
    return address;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) != 1) throw std::system_error(EINVAL, std::generic_category());
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  address.size = sizeof v6;
  return address;
}

}  // namespace

Connection::Connection(UniqueFd socket, RequestLimits const& limits, Time now)
    : socket_(std::move(socket)), reader_(limits), since_(now) {}

Connection::~Connection() {
  if (!reset_) return;
  linger const at_once{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void Connection::enter(Phase phase, Time now) {
  phase_ = phase;
  since_ = now;
}

void Connection::receive(Time now) {
  std::array<char, most_at_once> bytes;
  auto const count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (count < 0 && must_wait()) return;
  if (count <= 0) {
    enter(Phase::ended, now);
    return;
  }
  if (!reader_.begun()) since_ = authenticated_ ? now : since_;
  reader_.take({bytes.data(), static_cast<std::size_t>(count)});
}

void Connection::postpone(HttpReply reply, Time until) {
  postponed_ = std::move(reply);
  enter(Phase::delayed, until);
}

void Connection::put(std::string bytes, bool last) {
  out_ = std::move(bytes);
  out_at_ = 0;
  last_ = last;
}

bool Connection::send() {
  while (out_at_ < out_.size()) {
    auto const count = ::send(socket_.get(), out_.data() + out_at_, out_.size() - out_at_, MSG_NOSIGNAL);
    if (count < 0 && must_wait()) return false;
    if (count < 0) {
      phase_ = Phase::ended;
      return false;
    }
    out_at_ += static_cast<std::size_t>(count);
  }
  out_.clear();
  return true;
}

void Connection::try_send(std::string_view bytes) const {
  // If this fails, the client waits for a while, and then sends its body all the same.
  static_cast<void>(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

void Connection::finish_sending() const {
  ::shutdown(socket_.get(), SHUT_WR);
}

bool Connection::discard() {
  std::array<char, most_at_once> bytes;
  auto const count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  return count > 0 || (count < 0 && must_wait());
}

UniqueFd listening_socket(std::string const& address, std::uint16_t port) {
  auto const wanted = address_of(address, port);
  UniqueFd socket{::socket(wanted.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) throw_errno("socket");
  int const on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.get(), reinterpret_cast<sockaddr const*>(&wanted.storage), wanted.size) != 0) throw_errno("bind");
  if (::listen(socket.get(), backlog) != 0) throw_errno("listen");
  return socket;
}

}  // namespace lakebase::emulator
