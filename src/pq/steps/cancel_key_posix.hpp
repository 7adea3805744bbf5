#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string_view>

#include <libpq-fe.h>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Proves to a server that a cancel request comes from the session's own client.
struct CancelKey {
  int pid = 0;
  std::int32_t secret = 0;
};

/// Listens while a session logs in, and keeps the key that the server gives it. libpq has no function that returns the
/// key, but writes it into its trace. The trace stays in memory; libpq 14 to 16 put no password into it. With a libpq
/// that can send cancel requests over TLS there is nothing to listen for.
///
/// It also hears how the client authenticates, as libpq 14 and 15 cannot be limited to one method.
class CancelKeyTap {
 public:
  /// To be made before the login; must be destroyed before `connection` is.
  explicit CancelKeyTap(PGconn* connection);
  ~CancelKeyTap();
  CancelKeyTap(CancelKeyTap const&) = delete;
  CancelKeyTap& operator=(CancelKeyTap const&) = delete;

  /// Whether the client authenticated by anything but this secret in cleartext. False if nothing was heard.
  bool heard_another_proof(std::string_view secret);
  /// The key of the session that the login opened; none if it was not heard. Ends the listening.
  std::optional<CancelKey> take();

 private:
  void stop();

  PGconn* connection_;
  std::FILE* trace_ = nullptr;
  char* text_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
