// Whatever the resource name, the query names and values: a request is refused with InvalidArgument, or its target is
// plain ASCII that decodes to exactly what went in, segment by segment and parameter by parameter. The input is text in
// lines: the first is the resource name, then key and value in turn.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lakebase/error.hpp>
#include <lakebase/postgres/names.hpp>

#include "call/request.hpp"

namespace {

using lakebase::InvalidArgument;
using lakebase::detail::Request;

void check(bool holds, std::string_view what, std::string_view where) {
  if (holds) return;
  std::cerr << what << ": " << where << '\n';
  std::abort();
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    check(i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0, "a broken escape", text);
    result += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
    i += 2;
  }
  return result;
}

std::string_view take_until(std::string_view& rest, char end) {
  auto const at = std::min(rest.find(end), rest.size());
  auto const part = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return part;
}

using Parameters = std::vector<std::pair<std::string, std::string>>;

void check_target(std::string_view name, Parameters const& parameters, std::string_view target) {
  for (char const c : target) check(c > 0x20 && c < 0x7f, "a character that no URL has", target);
  std::string_view constexpr prefix = "/api/2.0/postgres/";
  std::string_view constexpr suffix = "/branches";
  auto rest = target;
  auto path = take_until(rest, '?');
  check(path.substr(0, prefix.size()) == prefix && path.substr(path.size() - suffix.size()) == suffix,
        "another path than asked for", target);
  path = path.substr(prefix.size(), path.size() - prefix.size() - suffix.size());
  check(decoded(path) == name, "another resource name than asked for", target);
  // An escaped slash would join two segments for some servers and not for others.
  check(path.find("%2F") == std::string_view::npos, "an escaped slash in a path", target);
  for (auto const& [key, value] : parameters) {
    auto pair = take_until(rest, '&');
    check(decoded(take_until(pair, '=')) == key && decoded(pair) == value, "another parameter than asked for", target);
  }
  check(rest.empty(), "more than was asked for", target);
}

// Names that parse are made of their parts again.
void check_names(std::string_view name) {
  using namespace lakebase::postgres;
  try {
    auto const endpoint = EndpointName::parse(name);
    check(endpoint.to_string() == name, "a name that changes", name);
    check(endpoint.branch().endpoint(endpoint.endpoint_id()) == endpoint, "a name of other parts", name);
    check(endpoint.branch().project().branch(endpoint.branch().branch_id()) == endpoint.branch(), "another parent",
          name);
  } catch (InvalidArgument const&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view rest{reinterpret_cast<char const*>(data), size};
  auto const name = take_until(rest, '\n');
  check_names(name);
  Parameters parameters;
  while (!rest.empty()) {
    std::string const key{take_until(rest, '\n')};
    parameters.emplace_back(key, take_until(rest, '\n'));
  }
  try {
    auto request = Request::get("/api/2.0/postgres/{}/branches", name);
    for (auto const& [key, value] : parameters) static_cast<void>(std::move(request).query(key, std::optional{value}));
    check_target(name, parameters, request.target());
  } catch (InvalidArgument const& error) {
    for (char const c : std::string_view{error.what()}) {
      check(static_cast<unsigned char>(c) >= 0x20, "a raw control character in a message", error.what());
    }
  }
  return 0;
}
