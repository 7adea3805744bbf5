#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lakebase::emulator::wire {

/// The first four bytes of a packet without a type, which tell what it is.
enum StartupCode : std::uint32_t {
  protocol_3_0 = 196608,
  protocol_3_2 = 196610,
  cancel_request = 80877102,
  ssl_request = 80877103,
  gssenc_request = 80877104,
};

constexpr std::size_t longest_startup_packet = 10'000;
constexpr std::size_t longest_password_message = 65'536;

std::uint32_t read_uint32(char const* bytes);
void append_uint32(std::string& text, std::uint32_t number);
/// Removes and returns the text up to a zero byte; none if no byte is zero.
std::optional<std::string> take_text(std::string_view& bytes);

/// A message: type, length and `payload`.
std::string message(char type, std::string_view payload);
/// A packet without a type: length and `payload`.
std::string packet(std::string_view payload);

struct ErrorFields {
  std::string severity = "FATAL";
  std::string code;
  std::string message;
  std::string hint;
  std::string detail{};
  /// Only read.
  std::string context{};
};

/// Thrown to end the session with an ErrorResponse.
struct Refusal {
  ErrorFields fields;
};

/// An ErrorResponse.
std::string error_message(ErrorFields const& fields);
/// The fields of an ErrorResponse's payload.
ErrorFields parse_error(std::string_view payload);

}  // namespace lakebase::emulator::wire
