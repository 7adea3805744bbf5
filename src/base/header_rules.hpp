#pragma once

#include <string>
#include <string_view>

#include <lakebase/transport.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Why a program may not add this header field to its requests; empty if it may. Names are HTTP tokens, values have no
/// control characters, and fields that frame or route a request (`Host`, `Transfer-Encoding`, …) belong to the
/// transport. The text names the field, never its value.
std::string why_no_header(std::string_view name, std::string_view value);

/// Whether the text has a line break or another control character, which no header field can carry. Tabs are allowed.
bool breaks_header(std::string_view value) noexcept;

/// Sets the field of that name, whichever case it is written in.
void set_header(Headers& headers, std::string_view name, std::string_view value);

/// Sets the header fields of a program, except `Authorization` and `User-Agent`, which it may not set: these are left
/// out.
/// @throws InvalidArgument if one is not a valid header field or belongs to the transport
void set_headers_of_program(Headers& headers, Headers const& more);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
