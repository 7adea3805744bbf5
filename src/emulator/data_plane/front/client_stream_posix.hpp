#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data_plane/front/certificates.hpp"
#include "system/socket_posix.hpp"

namespace lakebase::emulator {

/// The client is gone, violated the protocol, or took too long: no response can be sent.
struct ClientGone {};

/// The bytes from and to one client, plain at first and under TLS later. The socket is non-blocking.
class ClientStream {
 public:
  explicit ClientStream(UniqueFd socket) : socket_(std::move(socket)) {}

  int fd() const noexcept { return socket_.get(); }
  bool encrypted() const noexcept { return tls_ != nullptr; }

  /// The next byte, which is not consumed. @throws ClientGone
  char peek(Deadline deadline) const;
  /// Whether plain bytes have arrived that were not read.
  bool bytes_wait() const noexcept;
  /// @throws ClientGone
  void accept_tls(SSL_CTX* context, Deadline deadline);
  /// Whether the client named PostgreSQL's protocol in the TLS handshake.
  bool chose_protocol() const noexcept;
  /// @throws ClientGone
  std::string read_exactly(std::size_t size, Deadline deadline);
  /// @throws ClientGone
  void write(std::string_view bytes, Deadline deadline);

  /// The result of a call that does not wait: some bytes; or none, and what to wait for; or the end.
  struct Progress {
    std::size_t bytes = 0;
    bool ended = false;
    Readiness waits_for = Readiness::readable;
    bool more = false;  ///< More bytes may be available at once.
  };
  Progress try_read(char* buffer, std::size_t size);
  Progress try_write(char const* bytes, std::size_t size);

  /// Tells the client that nothing follows, and for a moment reads what it still sends: unread bytes would reset the
  /// connection, and the client might lose the last messages to it.
  void say_goodbye() noexcept;

 private:
  Progress tls_progress(int result) const;
  void close_tls(Deadline deadline);

  UniqueFd socket_;
  OpenSslPtr<SSL> tls_;
};

}  // namespace lakebase::emulator
