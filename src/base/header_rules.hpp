#pragma once

#include <string>
#include <string_view>

#include <lakebase/transport.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Why a program may not add this header field to its requests; empty: it may. Names are tokens of HTTP, values have no
/// control characters, and what frames or routes a request (`Host`, `Transfer-Encoding`, …) is the transport's alone.
/// The text names the field and never its value.
std::string why_no_header(std::string_view name, std::string_view value);

/// Whether text has a line break or another control character inside, which no header field can carry. Tabs may be.
bool breaks_header(std::string_view value) noexcept;

/// Sets the field of that name, whichever case it is written in.
void set_header(Headers& headers, std::string_view name, std::string_view value);

/// Sets those of a program's header fields that it may set. `Authorization` and `User-Agent` it may not; they are left
/// out.
/// @throws InvalidArgument for what is no header field, or the transport's
void set_headers_of_program(Headers& headers, Headers const& more);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
