#include "http/http_reply_text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace lakebase::emulator {
namespace {

std::string_view phrase_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 300:
      return "Multiple Choices";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "-";
  }
}

// A value with an end of line would be more than one header.
std::string on_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  return text;
}

}  // namespace

std::string reply_text(HttpReply const& reply, bool bodiless, bool keeps_alive) {
  std::string text = fmt::format("HTTP/1.1 {} {}\r\n", reply.status, phrase_of(reply.status));
  for (auto const& [name, value] : reply.headers) text += fmt::format("{}: {}\r\n", name, on_one_line(value));
  text += keeps_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
  bool const has_no_body = reply.status == 204 || reply.status == 304;
  if (!has_no_body) {
    if (!reply.content_type.empty()) text += fmt::format("Content-Type: {}\r\n", reply.content_type);
    text += fmt::format("Content-Length: {}\r\n", reply.body.size());
  }
  text += "\r\n";
  if (has_no_body || bodiless) return text;
  bool const half = reply.delivery == Delivery::half_body;
  return text.append(reply.body, 0, half ? reply.body.size() / 2 : reply.body.size());
}

}  // namespace lakebase::emulator
