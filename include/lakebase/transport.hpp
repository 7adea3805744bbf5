#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {

/// Header fields in the order in which they are sent. Names compare without regard to case.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// The first field of that name, or none. Valid as long as the headers.
[[nodiscard]] LAKEBASE_EXPORT std::optional<std::string_view> find_header(Headers const& headers,
                                                                          std::string_view name);
std::optional<std::string_view> find_header(Headers const&&,  // would dangle: keep the headers in a variable first
                                            std::string_view) = delete;

/// One HTTP request, complete: nothing is added to it but what the protocol itself needs.
struct HttpRequest {
  /// In capitals.
  std::string method{};
  /// Absolute, percent-encoded.
  std::string url{};
  /// All of them, `Authorization` included: not for logs.
  Headers headers{};
  /// Empty: none.
  std::string body{};
};

/// One HTTP response, whatever its status.
struct HttpResponse {
  /// HTTP status.
  int status = 0;
  /// As they came.
  Headers headers{};
  /// After decompression.
  std::string body{};
  /// The URL that the response came from, after redirects. Empty: the one of the request.
  std::string effective_url{};
};

/// What bounds one exchange.
struct TransportLimits {
  /// For everything, name resolution included; none: no bound.
  std::optional<std::chrono::nanoseconds> total{};
  /// For name resolution, connection and TLS handshake together.
  std::optional<std::chrono::nanoseconds> connect{};
  /// The longest silence on the line.
  std::optional<std::chrono::nanoseconds> idle{};
  /// Ends the exchange at once.
  std::stop_token stop{};
};

/// Carries requests to a server. The library's own implementation speaks HTTP over libcurl; a test can use
/// `testing::ScriptedTransport` instead. Implementations must not retry, and must not follow redirects of requests
/// other than GET.
///
/// Thread safety: implementations must be safe to use from several threads at once.
/// Exceptions: `send` throws what it names; other exceptions end the call and reach its caller.
/// Lifetime: a client shares ownership of its transport until it, its copies, pagers and operations are destroyed.
class LAKEBASE_EXPORT Transport {
 public:
  virtual ~Transport() = default;

  /// Sends the request once and returns the whole response. A status of 4xx or 5xx is a response, not a failure.
  /// @throws TransportError if no whole response came; it says whether the request can have reached the server
  /// @throws Cancelled if `limits.stop` was requested
  virtual HttpResponse send(HttpRequest const& request, TransportLimits const& limits) = 0;
};

}  // namespace v0
}  // namespace lakebase
