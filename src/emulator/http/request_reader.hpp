#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/errors.hpp"
#include "http/http_message.hpp"

namespace lakebase::emulator {

/// The largest parts of a request that are accepted, in bytes.
struct RequestLimits {
  std::size_t target = 16 * 1024;
  std::size_t header = 64 * 1024;
  std::size_t body = 4 * 1024 * 1024;
};

/// Finds the requests in the bytes of one connection.
///
/// Never guesses where a request ends: one whose length can be read in two ways is refused, and what follows it is
/// discarded, so that nothing in a body can be taken for a request (request smuggling).
class RequestReader {
 public:
  enum class State { reading, complete, refused };

  explicit RequestReader(RequestLimits limits = {}) : limits_(limits) {}

  /// Takes more bytes, and reads on up to the end of the request.
  State take(std::string_view bytes);
  /// Goes on to the next request, some of which may have arrived already.
  State next();

  State state() const { return state_; }
  /// Whether any of the request has arrived.
  bool begun() const { return part_ != Part::head || at_ < buffer_.size(); }
  /// The request, once it is complete; may be moved from.
  HttpRequest& request() { return request_; }
  /// Why it was refused.
  ServiceError const& refusal() const { return *refusal_; }
  /// Whether it is a HEAD, whose response has no body.
  bool is_head() const { return is_head_; }
  /// Whether the client wants to keep the connection.
  bool keeps_alive() const { return keeps_alive_; }
  /// True once if the client waits for permission to send its body (`Expect: 100-continue`).
  bool wants_leave() { return std::exchange(wants_leave_, false); }

 private:
  enum class Part { head, body, chunk_size, chunk_data, chunk_end, trailer, done };
  using Header = std::pair<std::string, std::string>;  // the name in lower case

  State read();
  bool read_part();
  bool read_head();
  void read_request_line(std::string_view line);
  void read_target(std::string_view target);
  void read_header(std::string_view line);
  void finish_head();
  void read_framing();
  bool read_body();
  bool read_chunk_size();
  bool read_chunk_data();
  bool read_trailer();
  /// The next line without its end; none if the end has not arrived yet.
  std::optional<std::string_view> line(std::size_t longest);
  std::string_view rest() const { return std::string_view{buffer_}.substr(at_); }
  std::string value_of(std::string_view name) const;

  RequestLimits limits_;
  State state_ = State::reading;
  Part part_ = Part::head;
  std::string buffer_;
  std::size_t at_ = 0;
  std::size_t searched_ = 0;
  HttpRequest request_;
  std::optional<ServiceError> refusal_;
  bool is_newest_version_ = true;
  bool is_head_ = false;
  bool keeps_alive_ = true;
  bool wants_leave_ = false;
  std::size_t left_ = 0;
  std::size_t trailer_left_ = 0;
};

}  // namespace lakebase::emulator
