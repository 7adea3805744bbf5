#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <openssl/ssl.h>

namespace lakebase::tests {

/// One connection of a FaultyServer. Ends with the function that serves it.
class Connection {
 public:
  Connection(int file, SSL* tls, std::atomic<bool> const& stopping) : file_(file), tls_(tls), stopping_(stopping) {}
  Connection(Connection const&) = delete;
  Connection& operator=(Connection const&) = delete;
  ~Connection() {
    if (tls_ != nullptr) SSL_free(tls_);
    if (file_ >= 0) ::close(file_);
  }

  /// A whole request with its body; none where the peer went away first.
  std::optional<std::string> read_request() {
    for (;;) {
      if (auto const size = size_of_request()) {
        auto request = buffer_.substr(0, *size);
        buffer_.erase(0, *size);
        return request;
      }
      if (!read_some()) return std::nullopt;
    }
  }

  /// The next bytes, of whatever protocol; fewer where the peer went away first.
  std::string take(std::size_t size) {
    while (buffer_.size() < size && read_some()) {
    }
    auto bytes = buffer_.substr(0, size);
    buffer_.erase(0, bytes.size());
    return bytes;
  }

  /// Goes on over TLS, as a proxy does for those who asked for a tunnel. Whether the handshake succeeded.
  bool start_tls(SSL_CTX* context) {
    tls_ = SSL_new(context);
    SSL_set_fd(tls_, file_);
    return SSL_accept(tls_) == 1;
  }

  void send(std::string_view text) {
    while (!text.empty()) {
      auto const size = tls_ != nullptr ? SSL_write(tls_, text.data(), static_cast<int>(text.size()))
                                        : ::send(file_, text.data(), text.size(), MSG_NOSIGNAL);
      if (size <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(size));
    }
  }

  /// A whole answer.
  void answer(int status, std::string_view body, std::string_view headers = {}) {
    std::string text = "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) +
                       "\r\nContent-Type: application/json\r\n";
    send(text.append(headers).append("\r\n").append(body));
  }

  /// Byte by byte, for as long as the peer listens.
  void drip(std::string_view text, std::chrono::milliseconds interval) {
    for (std::size_t at = 0; !stopping_ && !peer_left(); ++at) {
      send(text.substr(at % text.size(), 1));
      std::this_thread::sleep_for(interval);
    }
  }

  /// Says nothing until the peer goes away.
  void stall() {
    while (!stopping_ && !peer_left()) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }

  /// Closes so that the peer sees a reset instead of an end.
  void reset() {
    linger const now{1, 0};
    setsockopt(file_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(file_);
    file_ = -1;
  }

 private:
  std::optional<std::size_t> size_of_request() const {
    auto const end = buffer_.find("\r\n\r\n");
    if (end == std::string::npos) return std::nullopt;
    std::size_t body = 0;
    if (auto const at = buffer_.find("Content-Length: "); at < end) body = std::stoul(buffer_.substr(at + 16));
    auto const size = end + 4 + body;
    return buffer_.size() < size ? std::nullopt : std::optional{size};
  }

  bool read_some() {
    while (!stopping_) {
      pollfd wait{file_, POLLIN, 0};
      if ((tls_ == nullptr || SSL_pending(tls_) == 0) && poll(&wait, 1, 5) == 0) continue;
      std::array<char, 4096> bytes;
      auto const size = tls_ != nullptr ? SSL_read(tls_, bytes.data(), static_cast<int>(bytes.size()))
                                        : recv(file_, bytes.data(), bytes.size(), 0);
      if (size <= 0) return false;
      buffer_.append(bytes.data(), static_cast<std::size_t>(size));
      return true;
    }
    return false;
  }

  bool peer_left() const {
    char byte = 0;
    auto const size = recv(file_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size == 0 || (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
  }

  int file_;
  SSL* tls_;
  std::atomic<bool> const& stopping_;
  std::string buffer_;
};

/// A server on loopback that serves each connection by a function, which may do anything. One thread a connection.
class FaultyServer {
 public:
  using Serve = std::function<void(Connection&, FaultyServer&)>;

  explicit FaultyServer(Serve serve, SSL_CTX* tls = nullptr) : serve_(std::move(serve)), tls_(tls) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 128) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("FaultyServer cannot listen");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread{[this] { accept_all(); }};
  }
  FaultyServer(FaultyServer const&) = delete;
  FaultyServer& operator=(FaultyServer const&) = delete;
  ~FaultyServer() {
    stopping_ = true;
    acceptor_.join();
    for (auto& thread : threads_) thread.join();
    ::close(listener_);
  }

  /// Answers every request of every connection with what the function returns; an empty text closes the connection.
  static Serve answering(std::function<void(Connection&, std::string const& request, int number)> answer) {
    return [answer = std::move(answer)](Connection& connection, FaultyServer& server) {
      while (auto const request = connection.read_request()) {
        answer(connection, *request, server.count(*request));
      }
    };
  }

  int port() const noexcept { return port_; }
  std::string url() const {
    return (tls_ != nullptr ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_);
  }
  /// How many whole requests have arrived.
  int requests() const noexcept { return count_; }
  int connections() const noexcept { return connections_; }
  std::vector<std::string> texts() const {
    std::lock_guard const lock{mutex_};
    return texts_;
  }
  /// Notes a request; its number, from 1.
  int count(std::string const& request) {
    std::lock_guard const lock{mutex_};
    if (texts_.size() < 100) texts_.push_back(request);
    return ++count_;
  }

 private:
  void accept_all() {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);  // OpenSSL writes without MSG_NOSIGNAL; the serving threads inherit it
    while (!stopping_) {
      pollfd wait{listener_, POLLIN, 0};
      if (poll(&wait, 1, 5) <= 0) continue;
      int const file = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (file < 0) continue;
      int const yes = 1;
      setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      ++connections_;
      threads_.emplace_back([this, file] { serve_one(file); });
    }
  }

  void serve_one(int file) {
    SSL* tls = nullptr;
    if (tls_ != nullptr) {
      tls = SSL_new(tls_);
      SSL_set_fd(tls, file);
      if (SSL_accept(tls) != 1) {
        SSL_free(tls);
        ::close(file);
        return;
      }
    }
    Connection connection{file, tls, stopping_};
    serve_(connection, *this);
  }

  Serve serve_;
  SSL_CTX* tls_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> count_{0};
  std::atomic<int> connections_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> texts_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace lakebase::tests
