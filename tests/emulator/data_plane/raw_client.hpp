#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data_plane/front/certificates.hpp"
#include "data_plane/protocol/wire.hpp"
#include "system/socket_posix.hpp"

namespace lakebase::emulator {

/// A client that says exactly what it is told, and may stop in the middle of it.
class RawClient {
 public:
  explicit RawClient(std::string const& host);

  void send(std::string_view bytes);
  /// Up to `size` bytes; fewer at the end of the stream or after five seconds.
  std::string receive(std::size_t size);
  /// A whole message: its type and its payload; none at the end of the stream.
  struct Message {
    char type;
    std::string payload;
  };
  std::optional<Message> message();

  /// False: the handshake failed.
  bool start_tls(std::string_view alpn = {});
  /// What an SSLRequest is answered, and then TLS.
  bool request_tls(std::string_view alpn = {});
  /// Reads to the end of the stream. Whether TLS was closed by the server, and not only the connection.
  bool ends_with_goodbye();
  std::string chosen_alpn() const;
  /// Bytes of the longest TLS record of those that were received.
  std::size_t longest_record() const { return longest_record_; }
  OpenSslPtr<X509> certificate() const;

 private:
  UniqueFd socket_;
  OpenSslPtr<SSL> tls_;
  std::size_t longest_record_ = 0;
};

/// A packet without a type: its length, `code`, and `rest`.
std::string startup_packet(std::uint32_t code, std::string_view rest = {});
std::string startup_parameters(std::vector<std::pair<std::string, std::string>> const& parameters);
std::string password_message(std::string_view password);

}  // namespace lakebase::emulator
