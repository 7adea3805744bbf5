#include "call/request.hpp"

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "base/ascii.hpp"
#include "base/redaction.hpp"
#include "base/text/percent.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

[[noreturn]] void refuse(PathArgument const& argument, std::string_view why) {
  auto const shown = one_line(shorten(argument.text(), 128));
  if (argument.is_segment()) {
    throw InvalidArgument{ErrorFacts{.message = fmt::format("the path segment \"{}\" {}", shown, why),
                                     .hint = "It is one segment of a path, e.g. the id of a resource."}};
  }
  throw InvalidArgument{ErrorFacts{.message = fmt::format("the resource name \"{}\" {}", shown, why),
                                   .hint = "Names look like projects/my-app/branches/production."}};
}

void check_segment(PathArgument const& argument, std::string_view segment) {
  if (segment.empty()) refuse(argument, "has an empty segment");
  // A server that resolves these would act on another resource than the one that was named.
  if (segment == "." || segment == "..") refuse(argument, "has a segment of dots");
  for (char const c : segment) {
    if (is_control(c)) refuse(argument, "has a control character");
  }
}

void append_segment(std::string& path, PathArgument const& argument) {
  if (argument.text().empty()) throw InvalidArgument{ErrorFacts{.message = "the path segment is empty"}};
  check_segment(argument, argument.text());
  append_percent_encoded(path, argument.text());
}

void append_name(std::string& path, PathArgument const& argument) {
  auto const name = argument.text();
  if (name.empty()) throw InvalidArgument{ErrorFacts{.message = "the resource name is empty"}};
  for (std::size_t begin = 0;;) {
    auto const end = name.find('/', begin);
    auto const segment = name.substr(begin, end == std::string_view::npos ? end : end - begin);
    check_segment(argument, segment);
    append_percent_encoded(path, segment);
    if (end == std::string_view::npos) return;
    path += '/';
    begin = end + 1;
  }
}

// A resource name with `{id}` for each id. Names alternate between collections and ids, but for a `preview` before a
// collection.
std::string name_template(std::string_view name) {
  std::string text;
  bool is_id = false;
  for (;;) {
    auto const end = name.find('/');
    auto const segment = name.substr(0, end);
    text += is_id ? std::string_view{"{id}"} : segment;
    is_id = !is_id && segment != "preview";
    if (end == std::string_view::npos) return text;
    text += '/';
    name.remove_prefix(end + 1);
  }
}

}  // namespace

std::string fill_path(std::string_view text, std::initializer_list<PathArgument> arguments) {
  std::string path;
  path.reserve(text.size() + 64);
  for (auto const& argument : arguments) {
    auto const hole = text.find("{}");
    path += text.substr(0, hole);
    if (argument.is_segment()) {
      append_segment(path, argument);
    } else {
      append_name(path, argument);
    }
    text.remove_prefix(hole + 2);
  }
  return path.append(text);
}

Request::Request(std::string method, std::string path, Idempotency idempotency, std::string_view pattern)
    : method_(std::move(method)), path_(std::move(path)), idempotency_(idempotency), pattern_(pattern) {}

Request Request::of(std::string method, std::string path, Idempotency idempotency) {
  return Request{std::move(method), std::move(path), idempotency, {}};
}

Request&& Request::query(std::string_view key, std::string_view value) && {
  query_ += query_.empty() ? '?' : '&';
  append_percent_encoded(query_, key);
  query_ += '=';
  append_percent_encoded(query_, value);
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

// Within a string of the body's JSON the quotes would be escaped.
bool Request::carries_etag() const noexcept {
  return query_.starts_with("?etag=") || query_.find("&etag=") != std::string::npos ||
         body_.find("\"etag\":") != std::string::npos;
}

std::string Request::url_template() const {
  constexpr std::string_view hole = "{}";
  auto const begin = pattern_.find(hole);
  if (begin == std::string_view::npos) return std::string{pattern_};
  auto const behind = pattern_.substr(begin + hole.size());
  if (behind.find(hole) != std::string_view::npos) return std::string{pattern_};
  auto const name = std::string_view{path_}.substr(begin, path_.size() - begin - behind.size());
  bool const is_name = name.find('/') != std::string_view::npos;
  auto const filled = is_name ? name_template(name) : std::string{"{id}"};
  return std::string{pattern_.substr(0, begin)}.append(filled).append(behind);
}

std::string Request::target() const {
  return path_ + query_;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
