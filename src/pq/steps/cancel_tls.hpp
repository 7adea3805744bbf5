#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "pq/steps/cancel_request.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// The client's side of TLS for a cancel request. Works in memory, so that it raises no SIGPIPE and waits for nothing:
/// what the server sent is fed to it, and what is to be sent is taken from it. Leaves nothing in OpenSSL's queue of
/// errors, which other code uses on the same thread.
class CancelTls {
 public:
  enum class State {
    done,
    needs_more,  ///< Of the server's bytes.
    failed,
  };

  /// To be called first; false if TLS cannot be set up.
  bool prepare(CancelRequest const& request);
  bool feed(std::string_view bytes);
  /// The bytes to send.
  std::string take_outgoing();

  State connect();
  /// To be called once connected.
  bool write(std::string_view bytes);
  /// Drops what the server has sent; `done` once it has ended the connection.
  State skip();

 private:
  bool set_up(CancelRequest const& request);
  bool expect_host(CancelRequest const& request);
  State state_after(int result) const;

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, &SSL_free};
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
