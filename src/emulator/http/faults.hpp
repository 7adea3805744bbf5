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
///   status=503           answers so, without carrying the request out
///   retry-after=2        with this header; as it is written, so that dates and nonsense can be sent, too
///   stall=2s             waits before it answers; alone: and then answers as usual
///   reset                resets the connection, without carrying the request out
///   drop-answer          carries the request out, and closes the connection without an answer
///   half-body            carries the request out, and closes the connection in the middle of the body
///   garbage              carries the request out, and answers 200 with bytes that are no JSON
///   html                 answers 502 with a proxy's HTML page, without carrying the request out
struct Fault {
  enum class Kind { none, status, reset, drop_answer, half_body, garbage, html };
  Kind kind = Kind::none;
  int status = 503;
  std::optional<std::string> retry_after;
  Duration stall{};

  /// @throws ServiceError where the text says something else
  static Fault parse(std::string_view text);
  std::string text() const;

  /// The answer that stands instead of the request's own; none where the request is carried out.
  std::optional<HttpReply> instead() const;
  /// Does to the request's own answer what is to be done.
  HttpReply damaged(HttpReply reply) const;
};

/// Which requests a fault befalls.
struct FaultRule {
  Fault fault;
  /// Empty: all.
  std::string method;
  /// Start of the path; empty: all.
  std::string path;
  /// How many requests in all; 0: without end.
  std::int64_t times = 0;
  /// Each how manieth of the requests that fit.
  std::int64_t every = 1;
};

/// The faults that have been asked for. Thread-safe.
class Faults {
 public:
  void add(FaultRule rule);
  void clear();
  /// The fault of this request, its own or that of a rule. Counts.
  std::optional<Fault> next(HttpRequest const& request);
  /// That of a rule alone.
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
