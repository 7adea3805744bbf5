#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data_plane/front/certificates.hpp"
#include "system/socket_posix.hpp"

namespace lakebase::emulator {

/// The client has gone, broke the protocol, or took too long: there is nobody to tell it to.
struct ClientGone {};

/// The bytes from and to one client, plain at first and under TLS later. The socket does not block.
class ClientStream {
 public:
  explicit ClientStream(UniqueFd socket) : socket_(std::move(socket)) {}

  int fd() const noexcept { return socket_.get(); }
  bool encrypted() const noexcept { return tls_ != nullptr; }

  /// The first byte that waits, which stays. @throws ClientGone
  char peek(Deadline deadline) const;
  /// Whether the client has sent more than was read, of what is plain.
  bool bytes_wait() const noexcept;
  /// @throws ClientGone
  void accept_tls(SSL_CTX* context, Deadline deadline);
  /// Whether the client named PostgreSQL's protocol in the TLS handshake.
  bool chose_protocol() const noexcept;
  /// @throws ClientGone
  std::string read_exactly(std::size_t size, Deadline deadline);
  /// @throws ClientGone
  void write(std::string_view bytes, Deadline deadline);

  /// What a call that does not wait did: some bytes, or none and what it waits for, or the end.
  struct Progress {
    std::size_t bytes = 0;
    bool ended = false;
    Readiness waits_for = Readiness::readable;
    bool more = false;  ///< More bytes may be had at once.
  };
  Progress try_read(char* buffer, std::size_t size);
  Progress try_write(char const* bytes, std::size_t size);

  /// Tells the client that no more bytes come, and takes in what it still sends, for a moment: bytes that nobody reads
  /// would reset the connection, and that may cost the client what it was told last.
  void say_goodbye() noexcept;

 private:
  Progress tls_progress(int result) const;
  void close_tls(Deadline deadline);

  UniqueFd socket_;
  OpenSslPtr<SSL> tls_;
};

}  // namespace lakebase::emulator
