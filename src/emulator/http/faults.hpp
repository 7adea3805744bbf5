#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "http/http_message.hpp"

namespace lakebase::emulator {

/// Something that goes wrong with one request. Written as a text, which is also the value of the request header
/// `X-Emulator-Fault`: parts with `;` between them, of
///
///   status=503           responds with this status, without carrying the request out
///   retry-after=2        adds this header, with the value as it is written, so that it can be a date or nonsense
///   stall=2s             waits before it responds; without another part, it then responds as usual
///   reset                resets the connection, without carrying the request out
///   drop-answer          carries the request out, and closes the connection without a response
///   half-body            carries the request out, and closes the connection in the middle of the body
///   garbage              carries the request out, and responds 200 with bytes that are not JSON
///   html                 responds 502 with a proxy's HTML page, without carrying the request out
struct Fault {
  enum class Kind { none, status, reset, drop_answer, half_body, garbage, html };
  Kind kind = Kind::none;
  int status = 503;
  std::optional<std::string> retry_after;
  Duration stall{};

  /// @throws ServiceError if the text has another part
  static Fault parse(std::string_view text);
  std::string text() const;

  /// The response in place of the request's own; none if the request is to be carried out.
  std::optional<HttpReply> instead() const;
  /// The request's own response, with the fault's damage done to it.
  HttpReply damaged(HttpReply reply) const;
};

/// Which requests a fault applies to.
struct FaultRule {
  Fault fault;
  /// Empty: all.
  std::string method;
  /// Prefix of the path; empty: all.
  std::string path;
  /// Applies to so many requests in all; 0: no limit.
  std::int64_t times = 0;
  /// Applies to every n-th matching request.
  std::int64_t every = 1;
};

/// The faults to inject. Thread-safe.
class Faults {
 public:
  void add(FaultRule rule);
  void clear();
  /// The fault for this request, of its own header or of a rule. Counts the request.
  std::optional<Fault> next(HttpRequest const& request);
  /// The same, of rules only.
  std::optional<Fault> by_rule(HttpRequest const& request);
  Json list() const;

 private:
  struct Counted {
    FaultRule rule;
    std::int64_t seen = 0;
    std::int64_t hit = 0;
  };
  mutable std::mutex mutex_;
  std::vector<Counted> rules_;
};

}  // namespace lakebase::emulator
