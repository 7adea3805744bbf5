#include "raw_http_posix.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

namespace lakebase::emulator::tests {
namespace {
constexpr std::chrono::seconds usual_patience{30};
}

RawHttp::RawHttp(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect");
  }
}

bool RawHttp::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    auto const count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool RawHttp::receive() {
  if (!is_readable(usual_patience)) return false;
  std::array<char, 16 * 1024> bytes;
  auto const count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (count <= 0) return false;
  buffer_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

std::string RawHttp::answer() {
  std::size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive()) return std::exchange(buffer_, {});
  }
  std::size_t size = end + 4;
  if (auto const length = buffer_.find("Content-Length: "); length < end) {
    size += static_cast<std::size_t>(std::atol(buffer_.c_str() + length + 16));
  }
  while (buffer_.size() < size) {
    if (!receive()) return std::exchange(buffer_, {});
  }
  auto answer = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return answer;
}

std::string RawHttp::rest() {
  while (receive()) {
  }
  return std::exchange(buffer_, {});
}

bool RawHttp::is_readable(std::chrono::milliseconds patience) const {
  pollfd waited{socket_.get(), POLLIN, 0};
  return ::poll(&waited, 1, static_cast<int>(patience.count())) > 0;
}

bool RawHttp::is_closed() const {
  char byte = 0;
  return is_readable(std::chrono::milliseconds{0}) && ::recv(socket_.get(), &byte, 1, MSG_PEEK) <= 0;
}

int status_of(std::string_view answer) {
  return answer.starts_with("HTTP/1.1 ") && answer.size() > 12 ? std::atoi(answer.data() + 9) : 0;
}

}  // namespace lakebase::emulator::tests
