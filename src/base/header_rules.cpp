#include "base/header_rules.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "base/ascii.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr std::array<std::string_view, 11> of_the_transport{
    "Connection", "Content-Encoding", "Content-Length",    "Expect", "Host", "Keep-Alive", "Proxy-Connection",
    "TE",         "Trailer",          "Transfer-Encoding", "Upgrade"};

bool is_name_char(char c) {
  return is_alnum(c) || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

}  // namespace

bool breaks_header(std::string_view value) noexcept {
  return std::any_of(value.begin(), value.end(), [](char c) { return is_control(c) && c != '\t'; });
}

std::string why_no_header(std::string_view name, std::string_view value) {
  if (name.empty()) return "a header field has no name";
  if (!std::all_of(name.begin(), name.end(), is_name_char)) {
    return "the name of a header field has a character that does not belong there; use letters, digits and hyphens";
  }
  bool const is_reserved = std::any_of(of_the_transport.begin(), of_the_transport.end(),
                                       [&](std::string_view reserved) { return equal_ignoring_case(name, reserved); });
  if (is_reserved) {
    return fmt::format("the header field {} is set by the transport; leave it out", name);
  }
  if (breaks_header(value)) {
    return fmt::format("the value of the header field {} has a line break or control character inside", name);
  }
  return {};
}

void set_header(Headers& headers, std::string_view name, std::string_view value) {
  for (auto& [key, old] : headers) {
    if (equal_ignoring_case(key, name)) {
      old = value;
      return;
    }
  }
  headers.emplace_back(name, value);
}

void set_headers_of_program(Headers& headers, Headers const& more) {
  for (auto const& [name, value] : more) {
    if (auto const reason = why_no_header(name, value); !reason.empty()) {
      throw InvalidArgument{"headers of the call: " + reason};
    }
    bool const is_ours = equal_ignoring_case(name, "Authorization") || equal_ignoring_case(name, "User-Agent");
    if (!is_ours) set_header(headers, name, value);
  }
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
