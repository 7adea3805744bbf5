#include "raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <stdexcept>

#include "data_plane_fixture.hpp"

namespace lakebase::emulator {

RawClient::RawClient(std::string const& host) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(test_port);
  ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  timeval limit{5, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (::connect(socket_.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect");
  }
}

void RawClient::send(std::string_view bytes) {
  if (!tls_) return send_all(socket_.get(), bytes);
  std::size_t written = 0;
  if (::SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &written) != 1) throw std::runtime_error("cannot send");
}

std::string RawClient::receive(std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    std::size_t count = 0;
    if (tls_) {
      if (::SSL_read_ex(tls_.get(), bytes.data() + have, size - have, &count) != 1) break;
      longest_record_ = std::max(longest_record_, count + static_cast<std::size_t>(::SSL_pending(tls_.get())));
    } else {
      ssize_t const received = ::recv(socket_.get(), bytes.data() + have, size - have, 0);
      if (received <= 0) break;
      count = static_cast<std::size_t>(received);
    }
    have += count;
  }
  bytes.resize(have);
  return bytes;
}

std::optional<RawClient::Message> RawClient::message() {
  std::string const header = receive(5);
  if (header.size() < 5) return std::nullopt;
  return Message{header[0], receive(wire::read_uint32(header.data() + 1) - 4)};
}

bool RawClient::start_tls(std::string_view alpn) {
  static OpenSslPtr<SSL_CTX> const context{::SSL_CTX_new(::TLS_client_method())};
  tls_.reset(::SSL_new(context.get()));
  ::SSL_set_fd(tls_.get(), socket_.get());
  if (!alpn.empty()) {
    std::string const offered = static_cast<char>(alpn.size()) + std::string{alpn};
    ::SSL_set_alpn_protos(tls_.get(), reinterpret_cast<unsigned char const*>(offered.data()),
                          static_cast<unsigned>(offered.size()));
  }
  return ::SSL_connect(tls_.get()) == 1;
}

bool RawClient::request_tls(std::string_view alpn) {
  send(startup_packet(wire::ssl_request));
  return receive(1) == "S" && start_tls(alpn);
}

bool RawClient::ends_with_goodbye() {
  while (message()) continue;
  return (::SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

std::string RawClient::chosen_alpn() const {
  unsigned char const* name = nullptr;
  unsigned size = 0;
  ::SSL_get0_alpn_selected(tls_.get(), &name, &size);
  return {reinterpret_cast<char const*>(name), size};
}

OpenSslPtr<X509> RawClient::certificate() const {
  return OpenSslPtr<X509>{::SSL_get1_peer_certificate(tls_.get())};
}

std::string startup_packet(std::uint32_t code, std::string_view rest) {
  std::string packet;
  wire::append_uint32(packet, static_cast<std::uint32_t>(rest.size() + 8));
  wire::append_uint32(packet, code);
  return packet.append(rest);
}

std::string startup_parameters(std::vector<std::pair<std::string, std::string>> const& parameters) {
  std::string text;
  for (auto const& [name, value] : parameters) text.append(name).append(1, '\0').append(value).append(1, '\0');
  return text + '\0';
}

std::string password_message(std::string_view password) {
  return wire::message('p', std::string{password} + '\0');
}

}  // namespace lakebase::emulator
