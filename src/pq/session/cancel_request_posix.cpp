#include "pq/session/cancel_request_posix.hpp"

#include <cerrno>
#include <cstddef>
#include <memory>
#include <string_view>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

using Moment = std::chrono::steady_clock::time_point;

#if defined(MSG_NOSIGNAL)
constexpr int no_signal = MSG_NOSIGNAL;
#else
constexpr int no_signal = 0;
#endif

// A connection whose every wait ends at one moment.
class CancelSocket {
 public:
  CancelSocket(SocketWaiter& waiter, Moment until) : waiter_(waiter), until_(until) {}
  ~CancelSocket() {
    if (socket_ >= 0) ::close(socket_);
  }
  CancelSocket(CancelSocket const&) = delete;
  CancelSocket& operator=(CancelSocket const&) = delete;

  bool connect(CancelRequest const& request);
  bool send(unsigned char const* bytes, std::size_t size);
  // What has come, at least a byte; 0 where the peer closed the connection, below that where it failed or is silent.
  long receive(unsigned char* bytes, std::size_t size);

 private:
  bool open(addrinfo const& address);
  bool wait(SocketEvents events) { return waiter_.wait(socket_, events, until_, {}) == Readiness::ready; }

  SocketWaiter& waiter_;
  Moment until_;
  int socket_ = -1;
};

bool CancelSocket::open(addrinfo const& address) {
  socket_ = ::socket(address.ai_family, address.ai_socktype, address.ai_protocol);
  if (socket_ < 0) return false;
  ::fcntl(socket_, F_SETFD, FD_CLOEXEC);
  ::fcntl(socket_, F_SETFL, O_NONBLOCK);
#if defined(SO_NOSIGPIPE)
  int const on = 1;
  ::setsockopt(socket_, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
  if (::connect(socket_, address.ai_addr, address.ai_addrlen) == 0) return true;
  if (errno != EINPROGRESS || !wait({.read = false, .write = true})) return false;
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

bool CancelSocket::connect(CancelRequest const& request) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(request.address.c_str(), request.port.c_str(), &wanted, &found) != 0) return false;
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> const owner{found, &::freeaddrinfo};
  return open(*found);
}

bool CancelSocket::send(unsigned char const* bytes, std::size_t size) {
  while (size > 0) {
    auto const sent = ::send(socket_, bytes, size, no_signal);
    if (sent > 0) {
      bytes += sent;
      size -= static_cast<std::size_t>(sent);
      continue;
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return false;
    if (!wait({.read = false, .write = true})) return false;
  }
  return true;
}

long CancelSocket::receive(unsigned char* bytes, std::size_t size) {
  for (;;) {
    if (!wait({})) return -1;
    auto const count = ::recv(socket_, bytes, size, 0);
    if (count >= 0) return count;
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return -1;
  }
}

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

bool trust(SSL_CTX* context, std::string const& root_file) {
  if (root_file == "system") return SSL_CTX_set_default_verify_paths(context) == 1;
  return SSL_CTX_load_verify_locations(context, root_file.c_str(), nullptr) == 1;
}

bool is_address(std::string const& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

// TLS over a CancelSocket. OpenSSL reads and writes memory only, so that it raises no SIGPIPE and waits for nothing.
class CancelTls {
 public:
  explicit CancelTls(CancelSocket& socket) : socket_(socket) {}
  bool start(CancelRequest const& request);
  bool send(unsigned char const* bytes, std::size_t size);
  bool wait_for_end();

 private:
  bool prepare(CancelRequest const& request);
  bool expect_host(CancelRequest const& request);
  // Does something until it is done, as far as the peer lets it.
  template <class Action>
  bool complete(Action&& action);
  bool flush();
  bool fill();

  CancelSocket& socket_;
  Context context_{nullptr, &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, &SSL_free};
  bool ended_ = false;
};

bool CancelTls::prepare(CancelRequest const& request) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (!context_ || SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION) != 1) return false;
  if (request.check_chain) {
    if (!trust(context_.get(), request.root_file)) return false;
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  }
  tls_.reset(SSL_new(context_.get()));
  if (!tls_) return false;
  BIO* const incoming = BIO_new(BIO_s_mem());
  BIO* const outgoing = BIO_new(BIO_s_mem());
  if (incoming == nullptr || outgoing == nullptr) {
    BIO_free(incoming);
    BIO_free(outgoing);
    return false;
  }
  SSL_set_bio(tls_.get(), incoming, outgoing);
  return expect_host(request);
}

bool CancelTls::expect_host(CancelRequest const& request) {
  bool const address = is_address(request.host);
  if (!address && SSL_set_tlsext_host_name(tls_.get(), request.host.c_str()) != 1) return false;
  if (!request.check_host) return true;
  SSL_set_hostflags(tls_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (address) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), request.host.c_str()) == 1;
  return SSL_set1_host(tls_.get(), request.host.c_str()) == 1;
}

bool CancelTls::flush() {
  unsigned char* bytes = nullptr;
  auto const size = BIO_get_mem_data(SSL_get_wbio(tls_.get()), &bytes);
  if (size <= 0) return true;
  bool const sent = socket_.send(bytes, static_cast<std::size_t>(size));
  static_cast<void>(BIO_reset(SSL_get_wbio(tls_.get())));
  return sent;
}

bool CancelTls::fill() {
  std::array<unsigned char, 4096> bytes{};
  long const count = socket_.receive(bytes.data(), bytes.size());
  ended_ = count == 0;
  return count > 0 &&
         BIO_write(SSL_get_rbio(tls_.get()), bytes.data(), static_cast<int>(count)) == static_cast<int>(count);
}

template <class Action>
bool CancelTls::complete(Action&& action) {
  for (;;) {
    ERR_clear_error();
    int const result = action();
    if (!flush()) return false;
    if (result > 0) return true;
    if (SSL_get_error(tls_.get(), result) != SSL_ERROR_WANT_READ || !fill()) return false;
  }
}

bool CancelTls::start(CancelRequest const& request) {
  constexpr std::array<unsigned char, 8> ask_for_tls{0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f};
  unsigned char consent = 0;
  if (!prepare(request) || !socket_.send(ask_for_tls.data(), ask_for_tls.size())) return false;
  if (socket_.receive(&consent, 1) != 1 || consent != 'S') return false;
  return complete([this] { return SSL_connect(tls_.get()); });
}

bool CancelTls::send(unsigned char const* bytes, std::size_t size) {
  return complete([&] { return SSL_write(tls_.get(), bytes, static_cast<int>(size)); });
}

bool CancelTls::wait_for_end() {
  unsigned char byte = 0;
  while (complete([&] { return SSL_read(tls_.get(), &byte, 1); })) {
  }
  return ended_ || (SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

CancelOutcome send_plainly(CancelRequest const& request, CancelSocket& socket) {
  if (!socket.send(request.message.data(), request.message.size())) return CancelOutcome::not_sent;
  unsigned char byte = 0;
  long count = 1;
  while (count > 0) count = socket.receive(&byte, 1);
  return count == 0 ? CancelOutcome::taken : CancelOutcome::unanswered;
}

CancelOutcome send_over_tls(CancelRequest const& request, CancelSocket& socket) {
  CancelTls tls{socket};
  if (!tls.start(request)) return CancelOutcome::not_sent;
  if (!tls.send(request.message.data(), request.message.size())) return CancelOutcome::not_sent;
  return tls.wait_for_end() ? CancelOutcome::taken : CancelOutcome::unanswered;
}

}  // namespace

CancelOutcome send_cancel_request(CancelRequest const& request, SocketWaiter& waiter, Moment until) {
  CancelSocket socket{waiter, until};
  if (!socket.connect(request)) return CancelOutcome::not_sent;
  auto const outcome = request.with_tls ? send_over_tls(request, socket) : send_plainly(request, socket);
  ERR_clear_error();  // what went wrong here is nothing to whoever uses OpenSSL next on this thread
  return outcome;
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
