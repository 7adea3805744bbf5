#pragma once

#include <array>
#include <string>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// A request to cancel, and the server that it goes to.
struct CancelRequest {
  /// Where the session's server is, as numbers: nothing is looked up.
  std::string address{};
  std::string port{};
  /// Name of the server, for routing and for its certificate.
  std::string host{};
  bool with_tls = true;
  /// The certificate must be genuine.
  bool check_chain = true;
  /// The certificate must be made out to `host`.
  bool check_host = true;
  /// PEM file of the authorities, or `system`.
  std::string root_file{};
  /// What is sent.
  std::array<unsigned char, 16> message{};
};

/// What became of a request to cancel.
enum class CancelOutcome {
  not_sent,    ///< Nothing of it can have arrived.
  unanswered,  ///< It was sent, and the server kept silent until the end of the time.
  taken,       ///< The server closed the connection, as it does when it has passed the request on.
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
