#include "http/request_reader.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "common/ascii.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::size_t longest_chunk_line = 256;
constexpr std::size_t longest_trailer = 8 * 1024;
constexpr std::size_t most_headers = 256;

ServiceError not_http(std::string_view what) {
  return malformed(fmt::format("The request is not valid HTTP: {}.", what));
}

ServiceError too_large(std::size_t limit) {
  return {413, "MAX_READ_SIZE_EXCEEDED", fmt::format("The request's body is larger than {} MiB.", limit >> 20U)};
}

bool is_printable(char c) {
  return static_cast<unsigned char>(c) > ' ' && c != '\x7f';
}

bool lists(std::string_view value, std::string_view option) {
  while (!value.empty()) {
    auto const comma = std::min(value.find(','), value.size());
    if (to_lower(trimmed(value.substr(0, comma))) == option) return true;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return false;
}

// Digits only, no sign and no blanks. None if the text is not a number, or too large a one.
std::optional<std::size_t> number(std::string_view text, int base) {
  std::size_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

RequestReader::State RequestReader::take(std::string_view bytes) {
  if (at_ == buffer_.size()) {
    buffer_.clear();
    at_ = searched_ = 0;
  }
  buffer_.append(bytes);
  return state_ == State::reading ? read() : state_;
}

RequestReader::State RequestReader::next() {
  if (state_ != State::complete) return state_;
  buffer_.erase(0, at_);
  at_ = searched_ = 0;
  request_ = {};
  part_ = Part::head;
  state_ = State::reading;
  return read();
}

RequestReader::State RequestReader::read() {
  try {
    while (part_ != Part::done) {
      if (!read_part()) return state_;
    }
    state_ = State::complete;
  } catch (ServiceError const& error) {
    refusal_ = error;
    keeps_alive_ = false;
    state_ = State::refused;
    buffer_.clear();
    at_ = 0;
  }
  return state_;
}

// False if more bytes are needed.
bool RequestReader::read_part() {
  switch (part_) {
    case Part::head:
      return read_head();
    case Part::body:
      return read_body();
    case Part::chunk_size:
      return read_chunk_size();
    case Part::chunk_data:
    case Part::chunk_end:
      return read_chunk_data();
    case Part::trailer:
      return read_trailer();
    case Part::done:
      break;
  }
  return false;
}

bool RequestReader::read_head() {
  while (rest().starts_with("\r\n")) at_ += 2;  // Some clients send one too many after a body.
  // TLS, for example: no need to wait for the end of the line.
  if (!rest().empty() && rest() != "\r" && !is_token(rest().substr(0, 1))) throw not_http("its method is not a token");
  searched_ = std::max(searched_, at_);
  auto const end = buffer_.find("\r\n\r\n", searched_);
  auto const size = std::min(end, buffer_.size()) - at_;
  if (std::min(rest().find("\r\n"), size) > limits_.target + 64) {
    throw ServiceError{414, "URI_TOO_LONG", fmt::format("The URL is longer than {} bytes.", limits_.target)};
  }
  if (size > limits_.header) {
    throw ServiceError{431, "HEADER_TOO_LARGE", fmt::format("The header is larger than {} bytes.", limits_.header)};
  }
  if (auto const feed = rest().find('\n'); feed != std::string_view::npos && feed != rest().find("\r\n") + 1) {
    throw not_http("its lines do not end with CR LF");
  }
  if (end == std::string::npos) {
    searched_ = std::max(at_, buffer_.size() - std::min<std::size_t>(buffer_.size(), 3));
    return false;
  }
  auto head = std::string_view{buffer_}.substr(at_, size + 2);
  for (bool first = true; !head.empty(); first = false) {
    auto const line_end = head.find("\r\n");
    first ? read_request_line(head.substr(0, line_end)) : read_header(head.substr(0, line_end));
    head.remove_prefix(line_end + 2);
  }
  at_ = end + 4;
  finish_head();
  return true;
}

void RequestReader::read_request_line(std::string_view line) {
  auto const first = line.find(' ');
  auto const last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) throw not_http("its first line does not have three parts");
  auto const version = line.substr(last + 1);
  request_.method = line.substr(0, first);
  if (!is_token(request_.method)) throw not_http("its method is not a token");
  is_head_ = request_.method == "HEAD";
  is_newest_version_ = version == "HTTP/1.1";
  if (!is_newest_version_ && version != "HTTP/1.0") {
    throw ServiceError{505, "HTTP_VERSION_NOT_SUPPORTED", "The emulator speaks HTTP/1.1 and HTTP/1.0."};
  }
  read_target(line.substr(first + 1, last - first - 1));
}

void RequestReader::read_target(std::string_view target) {
  if (!std::all_of(target.begin(), target.end(), is_printable)) {
    throw not_http("its URL holds a blank or a control character");
  }
  // The absolute form, as of a client that takes the emulator for a proxy.
  if (constexpr std::string_view scheme = "http://"; target.starts_with(scheme)) {
    target.remove_prefix(scheme.size());
    auto const slash = std::min(target.find('/'), target.size());
    request_.host = target.substr(0, slash);
    target.remove_prefix(slash);
  }
  if (!target.starts_with('/') && target != "*") throw not_http("its URL does not begin with a slash");
  auto const question = std::min(target.find('?'), target.size());
  request_.path = target.substr(0, question);
  request_.segments = decoded_segments(request_.path);
  if (question < target.size()) {
    request_.query_text = target.substr(question + 1);
    request_.query = decoded_form(request_.query_text);
  }
}

void RequestReader::read_header(std::string_view line) {
  if (request_.headers.size() == most_headers) {
    throw ServiceError{431, "HEADER_TOO_LARGE", fmt::format("The header has more than {} lines.", most_headers)};
  }
  auto const colon = std::min(line.find(':'), line.size());
  // Servers disagree on blanks before the colon and on lines that continue in the next one, so both are refused.
  if (colon == line.size() || !is_token(line.substr(0, colon))) throw not_http("a line of its header has no name");
  auto const value = trimmed(line.substr(colon + 1));
  bool const has_control =
      std::any_of(value.begin(), value.end(), [](char c) { return !is_printable(c) && c != ' ' && c != '\t'; });
  if (has_control) throw not_http("a line of its header holds a control character");
  request_.headers.emplace_back(to_lower(line.substr(0, colon)), value);
}

// All values of a name, with commas between them.
std::string RequestReader::value_of(std::string_view name) const {
  return request_.header(name);
}

void RequestReader::finish_head() {
  auto const count = [&](std::string_view name) {
    return std::count_if(request_.headers.begin(), request_.headers.end(),
                         [&](Header const& header) { return header.first == name; });
  };
  for (auto const name : {"host", "authorization", "content-length", "transfer-encoding", "origin"}) {
    if (count(name) > 1) throw not_http(fmt::format("its header has more than one '{}'", name));
  }
  if (is_newest_version_ && count("host") == 0) throw not_http("its header has no 'host'");
  if (request_.host.empty()) request_.host = value_of("host");
  request_.origin = value_of("origin");
  request_.fetch_site = value_of("sec-fetch-site");
  request_.authorization = value_of("authorization");
  request_.fault = value_of("x-emulator-fault");
  auto const connection = value_of("connection");
  keeps_alive_ = is_newest_version_ ? !lists(connection, "close") : lists(connection, "keep-alive");
  read_framing();
  auto const expected = to_lower(value_of("expect"));
  if (!expected.empty() && expected != "100-continue") {
    throw ServiceError{417, "EXPECTATION_FAILED", "The emulator knows no 'expect' but 100-continue."};
  }
  wants_leave_ = !expected.empty() && is_newest_version_ && part_ != Part::done && rest().empty();
}

void RequestReader::read_framing() {
  auto const length = value_of("content-length");
  auto const coding = value_of("transfer-encoding");
  auto const has = [&](std::string_view name) {
    return std::any_of(request_.headers.begin(), request_.headers.end(),
                       [&](Header const& header) { return header.first == name; });
  };
  if (has("transfer-encoding")) {
    if (has("content-length")) throw not_http("its header has both 'content-length' and 'transfer-encoding'");
    if (!is_newest_version_) throw not_http("HTTP/1.0 has no 'transfer-encoding'");
    if (to_lower(coding) != "chunked") {
      throw ServiceError{501, "NOT_IMPLEMENTED", "The emulator knows no 'transfer-encoding' but chunked."};
    }
    trailer_left_ = longest_trailer;
    part_ = Part::chunk_size;
    return;
  }
  auto const bytes = has("content-length") ? number(length, 10) : std::size_t{0};
  bool const all_digits = length.find_first_not_of("0123456789") == std::string::npos;
  if (!all_digits || (!bytes && length.empty())) throw not_http("its 'content-length' is not a number");
  if (!bytes || *bytes > limits_.body) throw too_large(limits_.body);
  left_ = *bytes;
  part_ = left_ == 0 ? Part::done : Part::body;
}

bool RequestReader::read_body() {
  auto const bytes = rest().substr(0, left_);
  request_.body += bytes;
  at_ += bytes.size();
  left_ -= bytes.size();
  if (left_ == 0) part_ = Part::done;
  return left_ == 0;
}

std::optional<std::string_view> RequestReader::line(std::size_t longest) {
  auto const end = rest().find("\r\n");
  if (std::min(end, rest().size()) > longest) throw not_http("a line in its body is too long");
  if (end == std::string_view::npos) return std::nullopt;
  auto const found = rest().substr(0, end);
  at_ += end + 2;
  return found;
}

bool RequestReader::read_chunk_size() {
  auto const text = line(longest_chunk_line);
  if (!text) return false;
  auto const size = number(text->substr(0, text->find(';')), 16);
  if (!size) throw not_http("the size of a chunk is not a number");
  if (*size > limits_.body - request_.body.size()) throw too_large(limits_.body);
  left_ = *size;
  part_ = left_ == 0 ? Part::trailer : Part::chunk_data;
  return true;
}

bool RequestReader::read_chunk_data() {
  if (part_ == Part::chunk_data) {
    if (!read_body()) return false;
    part_ = Part::chunk_end;
  }
  if (rest().size() < 2) return false;
  if (!rest().starts_with("\r\n")) throw not_http("a chunk is longer than its size");
  at_ += 2;
  part_ = Part::chunk_size;
  return true;
}

// The fields of the trailer are ignored.
bool RequestReader::read_trailer() {
  auto const text = line(trailer_left_);
  if (!text) return false;
  trailer_left_ -= text->size();
  if (text->empty()) part_ = Part::done;
  return true;
}

}  // namespace lakebase::emulator
