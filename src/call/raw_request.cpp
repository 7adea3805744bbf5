#include "call/raw_request.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <simdjson.h>

#include <lakebase/error.hpp>

#include "base/ascii.hpp"
#include "base/json_text.hpp"
#include "base/redaction.hpp"
#include "base/text/percent.hpp"
#include "base/text/url.hpp"
#include "json/parser_cache.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

[[noreturn]] void refuse(std::string_view what, std::string_view why, std::string_view hint) {
  throw InvalidArgument{
      ErrorFacts{.message = fmt::format("the {} of the call {}", what, why), .hint = std::string{hint}}};
}

void check_verb(std::string_view verb) {
  static constexpr std::array<std::string_view, 6> verbs{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
  if (std::find(verbs.begin(), verbs.end(), verb) != verbs.end()) return;
  refuse("verb", fmt::format("is \"{}\"", one_line(shorten(verb, 32))),
         "It is one of GET, HEAD, POST, PUT, PATCH and DELETE, in capitals.");
}

// `.`, `..`, and their encoded forms: a server that resolves these would act on something else than what was named.
bool is_dots(std::string_view segment) {
  std::string plain;
  for (std::size_t at = 0; at < segment.size(); ++at) {
    bool const is_encoded_dot = equal_ignoring_case(segment.substr(at, 3), "%2e");
    plain += is_encoded_dot ? '.' : segment[at];
    if (is_encoded_dot) at += 2;
  }
  return plain == "." || plain == "..";
}

void check_segments(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);
    auto const end = std::min(path.find('/'), path.size());
    if (is_dots(path.substr(0, end))) refuse("path", "has a segment of dots", "Name the place itself.");
    path.remove_prefix(end);
  }
}

// What is appended to the host must not be able to name another host: the token would go there.
void check_path(std::string_view path) {
  constexpr std::string_view hint = "Pass what comes after the host, e.g. /api/2.0/clusters/list.";
  if (path.empty()) refuse("path", "is empty", hint);
  if (std::any_of(path.begin(), path.end(), is_control)) refuse("path", "has a control character", hint);
  if (has_scheme(path) && path.front() != '/') {
    refuse("path", "is a full URL, and the token would leave for whoever it names", hint);
  }
  if (path.front() != '/') refuse("path", "does not begin with a slash", hint);
  if (path.starts_with("//")) refuse("path", "begins with //, which names another host", hint);
  if (path.find('\\') != std::string_view::npos) refuse("path", "has a backslash", hint);
  if (path.find('?') != std::string_view::npos) {
    refuse("path", "has a question mark", "Put the query in .query, and write a ? in a name as %3F.");
  }
  if (path.find('#') != std::string_view::npos) {
    refuse("path", "has a #, behind which nothing is sent", "Write a # in a name as %23.");
  }
  check_segments(path);
}

// Encodes what a path cannot hold, and keeps what is already encoded.
std::string encode_path(std::string_view path) {
  constexpr std::string_view allowed = "/-._~!$&'()*+,;=:@";
  std::string result;
  for (std::size_t at = 0; at < path.size(); ++at) {
    char const c = path[at];
    if (c == '%') {
      auto const digits = path.substr(at + 1, 2);
      bool const is_encoded = digits.size() == 2 && std::all_of(digits.begin(), digits.end(), is_hex_digit);
      if (!is_encoded) refuse("path", "has a % without two hex digits behind it", "Write a % in a name as %25.");
      result += c;
    } else if (is_alnum(c) || allowed.find(c) != std::string_view::npos) {
      result += c;
    } else {
      result += percent_encode({&c, 1});
    }
  }
  return result;
}

// ` at line 2, column 5`, in bytes from 1; empty if the place is not known.
std::string place_of_error(std::string const& json) {
  try {
    auto const document = Json::parse(json);
    return {};
  } catch (Json::parse_error const& error) {
    auto const before = std::string_view{json}.substr(0, error.byte == 0 ? 0 : error.byte - 1);
    auto const line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    return fmt::format(" at line {}, column {}", std::count(before.begin(), before.end(), '\n') + 1,
                       before.size() - line_start + 1);
  } catch (Json::exception const&) {  // a number that is too large
    return {};
  }
}

void check_body(std::string_view verb, std::string const& body) {
  if (verb == "GET" || verb == "HEAD") refuse("body", fmt::format("cannot go with {}", verb), "Use .query.");
  auto const parser = borrow_parser(body.size());
  if (auto const error = parser->parse(body).error(); error != simdjson::SUCCESS) {
    refuse("body", fmt::format("is not JSON{}: {}", place_of_error(body), simdjson::error_message(error)),
           "Pass the text of JSON, e.g. to_json(model).");
  }
}

}  // namespace

Request raw_request(std::string_view verb, std::string_view path, CallRequest const& call) {
  check_verb(verb);
  check_path(path);
  bool const is_safe = call.idempotent.value_or(verb == "GET" || verb == "HEAD");
  auto request = Request::of(std::string{verb}, encode_path(path), is_safe ? Idempotency::safe : Idempotency::unsafe);
  for (auto const& [name, value] : call.query) {
    request = Request{std::move(request).query(name, std::string_view{value})};
  }
  if (call.body.empty()) return request;
  check_body(verb, call.body);
  return std::move(request).json_body(call.body);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
