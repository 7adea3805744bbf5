#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "pq/steps/cancel_request.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// The client's side of TLS for a request to cancel. Works in memory, so that it raises no SIGPIPE and waits for
/// nothing: what the server sent is fed to it, and what is to be sent is taken from it. Leaves nothing in OpenSSL's
/// queue of errors, which others use on the same thread.
class CancelTls {
 public:
  enum class State {
    done,
    needs_more,  ///< Of the server's bytes.
    failed,
  };

  /// First of all; false: it does not go.
  bool prepare(CancelRequest const& request);
  bool feed(std::string_view bytes);
  /// What is to be sent.
  std::string take_outgoing();

  State connect();
  /// Once connected.
  bool write(std::string_view bytes);
  /// Drops what the server has said; done: it has ended the connection.
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
