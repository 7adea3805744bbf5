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

/// What proves to a server that a request to cancel comes from the session's own side.
struct CancelKey {
  int pid = 0;
  std::int32_t secret = 0;
};

/// Listens while a session logs in, and keeps the key that the server gives it. libpq hands the key to nobody, but
/// writes it into its trace. The trace stays in memory; libpq 14 to 16 put no password into it. With a libpq that sends
/// requests to cancel by itself there is nothing to listen for.
///
/// Also hears how the client proves who it is: libpq 14 and 15 cannot be told to prove it in one way only.
class CancelKeyTap {
 public:
  /// Before the login; has to end before `connection` does.
  explicit CancelKeyTap(PGconn* connection);
  ~CancelKeyTap();
  CancelKeyTap(CancelKeyTap const&) = delete;
  CancelKeyTap& operator=(CancelKeyTap const&) = delete;

  /// Whether anything but this secret, as it is, was sent to a server that asked for a proof. False where nothing is
  /// heard.
  bool heard_another_proof(std::string_view secret);
  /// The key of the session that came of the login; none where it was not heard. Ends the listening.
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
