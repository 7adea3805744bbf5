#include "fake_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <csignal>
#include <cstring>
#include <optional>
#include <stdexcept>

namespace lakebase::tests {
namespace {

using Login = Conversation::Login;

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24U), static_cast<char>(value >> 16U), static_cast<char>(value >> 8U),
          static_cast<char>(value)};
}

// Bytes over a socket, first in plain text and then over TLS.
class Stream {
 public:
  explicit Stream(int socket) : socket_(socket) {}
  ~Stream() {
    if (tls_ != nullptr) SSL_free(tls_);
  }
  Stream(Stream const&) = delete;
  Stream& operator=(Stream const&) = delete;

  bool start_tls(SSL_CTX* context) {
    tls_ = SSL_new(context);
    SSL_set_fd(tls_, socket_);
    return SSL_accept(tls_) == 1;
  }

  std::optional<std::string> read(std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < size) {
      auto const count = tls_ != nullptr ? SSL_read(tls_, bytes.data() + done, static_cast<int>(size - done))
                                         : static_cast<int>(::recv(socket_, bytes.data() + done, size - done, 0));
      if (count <= 0) return std::nullopt;
      done += static_cast<std::size_t>(count);
    }
    return bytes;
  }

  std::optional<std::uint32_t> read_number() {
    auto const bytes = read(4);
    if (!bytes) return std::nullopt;
    std::uint32_t value = 0;
    for (char const c : *bytes) value = (value << 8U) | static_cast<unsigned char>(c);
    return value;
  }

  // False where the peer has gone away.
  bool write(std::string const& bytes) {
    if (bytes.empty()) return true;
    if (tls_ != nullptr) return SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())) > 0;
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0;
  }

 private:
  int socket_;
  SSL* tls_ = nullptr;
};

// The end of a connection by the client.
void wait_for_end(Stream& stream) {
  while (stream.read(1)) {
  }
}

std::string ready(char status) {
  return message('Z', std::string(1, status));
}

// One message after another, until the client goes away.
void drip(Stream& stream, Conversation const& conversation) {
  while (stream.write(conversation.drip)) std::this_thread::sleep_for(conversation.drip_pause);
}

// The session after its login.
void converse(Stream& stream, Conversation const& conversation) {
  char status = 'I';
  while (auto const kind = stream.read(1)) {
    auto const size = stream.read_number();
    auto body = size ? stream.read(*size - 4) : std::nullopt;
    if (!body) return;
    std::optional<std::string> answer;
    if (*kind == "Q") {
      body->pop_back();
      if (body->starts_with("BEGIN")) status = 'T';
      if (*body == "COMMIT" || *body == "ROLLBACK") status = 'I';
      answer = conversation.on_query ? conversation.on_query(*body) : command_complete("OK", status);
    } else if (conversation.on_message) {
      answer = conversation.on_message(kind->front(), *body);
    }
    if (!answer) return;
    stream.write(*answer);
    if (conversation.hang_up) return;
    if (!conversation.drip.empty()) return drip(stream, conversation);
  }
}

// The first half of SCRAM-SHA-256. A client that goes on computes its proof before it answers.
void ask_scram(Stream& stream, int iterations) {
  stream.write(message('R', big_endian(10) + std::string{"SCRAM-SHA-256\0\0", 15}));
  auto const kind = stream.read(1);
  auto const size = stream.read_number();
  auto const first = size ? stream.read(*size - 4) : std::nullopt;
  auto const nonce = first ? first->rfind("r=") : std::string::npos;
  if (nonce == std::string::npos) return;
  stream.write(
      message('R', big_endian(11) + first->substr(nonce) + "x,s=c2FsdHNhbHQ=,i=" + std::to_string(iterations)));
  wait_for_end(stream);
}

}  // namespace

std::string message(char kind, std::string const& body) {
  return kind + big_endian(static_cast<std::uint32_t>(body.size() + 4)) + body;
}

std::string error_message(std::string const& severity, std::string const& sqlstate, std::string const& text) {
  std::string body;
  auto const field = [&](char kind, std::string const& value) {
    if (!value.empty()) body += kind + value + '\0';
  };
  field('S', severity);
  field('V', severity);
  field('C', sqlstate);
  field('M', text);
  return message('E', body + '\0');
}

std::string command_complete(std::string const& tag, char transaction_status) {
  return message('C', tag + '\0') + ready(transaction_status);
}

FakeServer::FakeServer(std::vector<Conversation> conversations) : conversations_(std::move(conversations)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread{[this](std::stop_token const& stop) { accept(stop); }};
}

FakeServer::~FakeServer() {
  acceptor_.request_stop();
  acceptor_.join();
  {
    std::lock_guard const lock{mutex_};
    for (int const socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  sessions_.clear();
  ::close(listener_);
  for (int const socket : sockets_) ::close(socket);
}

std::vector<std::string> FakeServer::passwords() const {
  std::lock_guard const lock{mutex_};
  return passwords_;
}

pq::ConnectionSource FakeServer::source(std::shared_ptr<pq::DatabaseCredentialProvider> credentials) const {
  pq::ConnectionSource source;
  source.parameters.host = "localhost";
  source.parameters.hostaddr = "127.0.0.1";
  source.parameters.port = port_;
  source.parameters.user = "me@example.com";
  source.parameters.sslrootcert = root_file();
  source.credentials = std::move(credentials);
  return source;
}

void FakeServer::accept(std::stop_token const& stop) {
  while (!stop.stop_requested()) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, 10) <= 0) continue;
    int const socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    auto const number = static_cast<std::size_t>(connections_++);
    auto const& conversation = conversations_[std::min(number, conversations_.size() - 1)];
    std::lock_guard const lock{mutex_};
    sockets_.push_back(socket);
    sessions_.emplace_back([this, socket, conversation] {
      // SSL_write has no MSG_NOSIGNAL: this thread takes no SIGPIPE.
      sigset_t pipe;
      sigemptyset(&pipe);
      sigaddset(&pipe, SIGPIPE);
      pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
      serve(socket, conversation);
      ::shutdown(socket, SHUT_RDWR);
    });
  }
}

void FakeServer::serve(int socket, Conversation const& conversation) {
  Stream stream{socket};
  if (conversation.login == Login::close_at_once) return;
  auto const length = stream.read_number();
  auto const request = stream.read_number();
  if (!length || !request || *request != 80877103) return;  // SSLRequest
  if (conversation.login == Login::say_nothing) return wait_for_end(stream);
  if (conversation.login == Login::error_instead_of_tls) {
    stream.write('E' + conversation.message + '\0');
    return;
  }
  if (conversation.login == Login::refuse_tls) {
    stream.write("N");
    return wait_for_end(stream);
  }
  stream.write("S");
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> const context{SSL_CTX_new(TLS_server_method()), &SSL_CTX_free};
  SSL_CTX_use_certificate_file(context.get(), certificate_.certificate.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_use_PrivateKey_file(context.get(), certificate_.key.c_str(), SSL_FILETYPE_PEM);
  if (!stream.start_tls(context.get()) || conversation.login == Login::close_after_tls) return;
  auto const startup_size = stream.read_number();
  auto const startup = startup_size ? stream.read(*startup_size - 4) : std::nullopt;
  if (!startup) return;
  if (startup->starts_with(big_endian(80877102))) {
    take_cancel(*startup);
    if (conversation.login == Login::keep_cancel) wait_for_end(stream);
    return;
  }
  auto const error = error_message(conversation.severity, conversation.sqlstate, conversation.message);
  if (conversation.login == Login::error_after_startup) {
    stream.write(error);
    return;
  }
  if (conversation.login == Login::ask_scram) return ask_scram(stream, conversation.scram_iterations);
  stream.write(message('R', big_endian(3)));
  auto const kind = stream.read(1);
  auto const size = stream.read_number();
  if (!kind || !size) return;
  auto password = stream.read(*size - 4).value_or("");
  if (!password.empty()) password.pop_back();
  {
    std::lock_guard const lock{mutex_};
    passwords_.push_back(password);
  }
  if (conversation.login == Login::close_after_password) return;
  if (conversation.login == Login::error_after_password) {
    stream.write(error);
    return;
  }
  stream.write(message('R', big_endian(0)) +
               message('S', std::string{"server_version\0"
                                        "15.0\0",
                                        20}) +
               message('K', big_endian(1) + big_endian(2)) + ready('I'));
  converse(stream, conversation);
}

void FakeServer::take_cancel(std::string const& request) {
  if (request == big_endian(80877102) + big_endian(1) + big_endian(2)) ++cancels_;
}

}  // namespace lakebase::tests
