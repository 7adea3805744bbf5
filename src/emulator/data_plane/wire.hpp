#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lakebase::emulator::wire {

/// What the first four bytes of a packet without a type say that it is.
enum StartupCode : std::uint32_t {
  protocol_3_0 = 196608,
  cancel_request = 80877102,
  ssl_request = 80877103,
  gssenc_request = 80877104,
};

constexpr std::size_t longest_startup_packet = 10'000;
constexpr std::size_t longest_password_message = 65'536;
constexpr std::size_t longest_cancel_request = 12 + 256;

std::uint32_t read_uint32(char const* bytes);
void append_uint32(std::string& text, std::uint32_t number);

/// A message: its type, its length and `payload`.
std::string message(char type, std::string_view payload);

/// The body of a StartupMessage, which says who wants to talk to which database.
struct Startup {
  std::uint32_t protocol = protocol_3_0;
  std::vector<std::pair<std::string, std::string>> parameters;

  std::string const* find(std::string_view name) const;
  std::string user() const;
  /// The user's name where none is given.
  std::string database() const;

  /// None where the bytes are no StartupMessage.
  static std::optional<Startup> parse(std::string_view body);
  /// The whole packet for the server: protocol 3.0, and no parameter of a later protocol.
  std::string packet() const;
  /// The NegotiateProtocolVersion message for a client that asked for more than protocol 3.0 offers; else empty.
  std::string negotiation() const;
  /// Takes `endpoint=…`, which routes at other fronts and which PostgreSQL refuses, out of the parameter `options`.
  void strip_endpoint_option();
};

struct ErrorFields {
  std::string severity = "FATAL";
  std::string code;
  std::string message;
  std::string hint;
};

/// An ErrorResponse.
std::string error_message(ErrorFields const& fields);
/// The fields of an ErrorResponse's payload.
ErrorFields parse_error(std::string_view payload);

}  // namespace lakebase::emulator::wire
