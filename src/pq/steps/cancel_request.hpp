#pragma once

#include <array>
#include <string>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// A cancel request, and the server that it goes to.
struct CancelRequest {
  /// The numeric address of the session's server: nothing is looked up.
  std::string address{};
  std::string port{};
  /// Name of the server, for routing and for its certificate.
  std::string host{};
  bool with_tls = true;
  /// Whether the certificate must be signed by an authority.
  bool check_chain = true;
  /// Whether the certificate must be issued to `host`.
  bool check_host = true;
  /// PEM file of the authorities, or `system`.
  std::string root_file{};
  /// The message that is sent.
  std::array<unsigned char, 16> message{};
};

/// The outcome of a cancel request.
enum class CancelOutcome {
  not_sent,     ///< No part of it can have arrived.
  no_response,  ///< It was sent, and the server did not respond in time.
  taken,        ///< The server closed the connection, as it does when it has passed the request on.
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
