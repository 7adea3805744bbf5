#include "http/request.hpp"

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "http/ascii.hpp"
#include "http/redaction.hpp"

namespace lakebase::inline v0::detail {

namespace {

constexpr bool is_unreserved(char c) {
  return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void append_encoded(std::string& result, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (char const c : text) {
    if (is_unreserved(c)) {
      result += c;
    } else {
      auto const byte = static_cast<unsigned char>(c);
      result += '%';
      result += digits[byte >> 4U];
      result += digits[byte & 0x0fU];
    }
  }
}

[[noreturn]] void refuse_name(std::string_view name, std::string_view why) {
  throw InvalidArgument{
      ErrorFacts{.message = fmt::format("the resource name \"{}\" {}", one_line(shorten(name, 128)), why),
                 .hint = "Names look like projects/my-app/branches/production."}};
}

void check_segment(std::string_view name, std::string_view segment) {
  if (segment.empty()) refuse_name(name, "has an empty segment");
  // A server that resolves these would act on another resource than the one that was named.
  if (segment == "." || segment == "..") refuse_name(name, "has a segment of dots");
  for (char const c : segment) {
    if (is_control(c)) refuse_name(name, "has a control character");
  }
}

std::string encode_name(std::string_view name) {
  if (name.empty()) throw InvalidArgument{ErrorFacts{.message = "the resource name is empty"}};
  std::string result;
  result.reserve(name.size());
  for (std::size_t begin = 0;;) {
    auto const end = name.find('/', begin);
    auto const segment = name.substr(begin, end == std::string_view::npos ? end : end - begin);
    check_segment(name, segment);
    append_encoded(result, segment);
    if (end == std::string_view::npos) return result;
    result += '/';
    begin = end + 1;
  }
}

std::string fill_path(std::string_view path, std::string_view name) {
  auto const hole = path.find("{}");
  if (hole == std::string_view::npos) return std::string{path};
  std::string result{path.substr(0, hole)};
  result += encode_name(name);
  result += path.substr(hole + 2);
  return result;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  append_encoded(result, text);
  return result;
}

Request::Request(std::string method, std::string path, Idempotency idempotency)
    : method_(std::move(method)), path_(std::move(path)), idempotency_(idempotency) {}

Request Request::get(std::string_view path, std::string_view name) {
  return Request{"GET", fill_path(path, name), Idempotency::safe};
}

Request Request::post(std::string_view path, std::string_view name) {
  return Request{"POST", fill_path(path, name), Idempotency::unsafe};
}

Request Request::patch(std::string_view path, std::string_view name) {
  return Request{"PATCH", fill_path(path, name), Idempotency::unsafe};
}

Request Request::del(std::string_view path, std::string_view name) {
  return Request{"DELETE", fill_path(path, name), Idempotency::unsafe};
}

Request Request::of(std::string method, std::string path, Idempotency idempotency) {
  return Request{std::move(method), std::move(path), idempotency};
}

Request&& Request::query(std::string_view key, std::string_view value) && {
  query_ += query_.empty() ? '?' : '&';
  append_encoded(query_, key);
  query_ += '=';
  append_encoded(query_, value);
  return std::move(*this);
}

Request&& Request::query(std::string_view key, std::optional<std::string> const& value) && {
  return value ? std::move(*this).query(key, std::string_view{*value}) : std::move(*this);
}

Request&& Request::query(std::string_view key, std::optional<bool> value) && {
  if (!value) return std::move(*this);
  return std::move(*this).query(key, *value ? std::string_view{"true"} : std::string_view{"false"});
}

Request&& Request::query(std::string_view key, std::optional<std::int64_t> value) && {
  if (!value) return std::move(*this);
  return std::move(*this).query(key, std::string_view{fmt::format_int{*value}.str()});
}

Request&& Request::query(std::string_view key, FieldMask const& mask) && {
  return mask.empty() ? std::move(*this) : std::move(*this).query(key, std::string_view{mask.to_string()});
}

Request&& Request::json_body(std::string text) && {
  body_ = std::move(text);
  has_body_ = true;
  return std::move(*this);
}

Request&& Request::empty_body() && {
  return std::move(*this).json_body("{}");
}

Request&& Request::idempotency(Idempotency value) && {
  idempotency_ = value;
  return std::move(*this);
}

// In a text of the body's JSON the quotes would be escaped.
bool Request::carries_etag() const noexcept {
  return query_.starts_with("?etag=") || query_.find("&etag=") != std::string::npos ||
         body_.find("\"etag\":") != std::string::npos;
}

std::string Request::target() const {
  return path_ + query_;
}

}  // namespace lakebase::inline v0::detail
