#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <lakebase/enum.hpp>
#include <lakebase/field_mask.hpp>
#include <lakebase/json.hpp>
#include <lakebase/time.hpp>

#include "json/masked.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Whether sending a request twice is the same as sending it once.
enum class Idempotency { safe, unsafe };

/// A single segment of a path: a slash in it is encoded like everything else that a segment cannot hold.
struct Segment {
  std::string_view text{};
};

/// The value of a `{}` in a path: a resource name, whose slashes separate segments, or a Segment.
class PathArgument {
 public:
  // Implicit, so that a call passes its own arguments.
  // NOLINTBEGIN(google-explicit-constructor)
  template <std::convertible_to<std::string_view> Name>
  constexpr PathArgument(Name const& resource_name) : text_(resource_name) {}
  constexpr PathArgument(Segment segment) : text_(segment.text), is_segment_(true) {}
  // NOLINTEND(google-explicit-constructor)

  constexpr std::string_view text() const noexcept { return text_; }
  constexpr bool is_segment() const noexcept { return is_segment_; }

 private:
  std::string_view text_;
  bool is_segment_ = false;
};

/// The number of `{}` in a path.
constexpr std::size_t holes_in(std::string_view path) {
  std::size_t count = 0;
  for (auto at = path.find("{}"); at != std::string_view::npos; at = path.find("{}", at + 2)) ++count;
  return count;
}

/// A path with one `{}` for each of `Arguments` arguments; any other number does not compile.
template <std::size_t Arguments>
class PathPattern {
 public:
  template <std::convertible_to<std::string_view> Text>
  consteval PathPattern(Text const& text) : text_(text) {  // NOLINT(google-explicit-constructor)
    if (holes_in(text_) != Arguments) throw "the path has another number of {} than there are arguments";
  }
  constexpr std::string_view text() const noexcept { return text_; }

 private:
  std::string_view text_;
};

/// Replaces the n-th `{}` by the n-th argument. Each segment is percent-encoded.
/// @throws InvalidArgument if an argument is empty, or has an empty, `.` or `..` segment or a control character
std::string fill_path(std::string_view path, std::initializer_list<PathArgument> arguments);

/// One call before it meets a host: verb, path, query and body.
class Request {
 public:
  /// `path` holds a `{}` for each argument: `get("/api/2.0/postgres/{}/roles", parent)`; see fill_path.
  template <class... Arguments>
  static Request get(PathPattern<sizeof...(Arguments)> path, Arguments const&... arguments) {
    return Request{"GET", fill_path(path.text(), {PathArgument{arguments}...}), Idempotency::safe, path.text()};
  }
  template <class... Arguments>
  static Request post(PathPattern<sizeof...(Arguments)> path, Arguments const&... arguments) {
    return Request{"POST", fill_path(path.text(), {PathArgument{arguments}...}), Idempotency::unsafe, path.text()};
  }
  template <class... Arguments>
  static Request patch(PathPattern<sizeof...(Arguments)> path, Arguments const&... arguments) {
    return Request{"PATCH", fill_path(path.text(), {PathArgument{arguments}...}), Idempotency::unsafe, path.text()};
  }
  template <class... Arguments>
  static Request del(PathPattern<sizeof...(Arguments)> path, Arguments const&... arguments) {
    return Request{"DELETE", fill_path(path.text(), {PathArgument{arguments}...}), Idempotency::unsafe, path.text()};
  }

  /// A request with any verb, and a path that is already encoded.
  static Request of(std::string method, std::string path, Idempotency idempotency);

  /// Adds a query parameter; an unset optional adds nothing, an empty list adds nothing, a list repeats the key.
  Request&& query(std::string_view key, std::string_view value) &&;
  Request&& query(std::string_view key, std::optional<std::string> const& value) &&;
  Request&& query(std::string_view key, std::optional<bool> value) &&;
  Request&& query(std::string_view key, std::optional<std::int64_t> value) &&;
  Request&& query(std::string_view key, FieldMask const& mask) &&;

  /// Sends a model as the JSON body.
  template <class Model>
  Request&& body(Model const& model) && {
    body_ = to_json(model);
    has_body_ = true;
    return std::move(*this);
  }
  /// Sends a model as the body of an update: empty lists and maps that `mask` names are sent as such.
  template <class Model>
  Request&& body(Model const& model, FieldMask const& mask) && {
    body_ = encode_masked(model, mask);
    has_body_ = true;
    return std::move(*this);
  }
  /// Sends this JSON text.
  Request&& json_body(std::string text) &&;
  /// Sends `{}`.
  Request&& empty_body() &&;
  Request&& idempotency(Idempotency value) &&;

  std::string const& method() const noexcept { return method_; }
  /// Encoded path without host and query.
  std::string const& path() const noexcept { return path_; }
  /// The path with `{id}` for each id of a resource; empty if it was not made of a pattern.
  std::string url_template() const;
  /// Path and encoded query.
  std::string target() const;
  bool has_body() const noexcept { return has_body_; }
  std::string const& body() const noexcept { return body_; }
  /// Whether query or body name the version of the resource that the caller has seen.
  bool carries_etag() const noexcept;
  Idempotency idempotency() const noexcept { return idempotency_; }

 private:
  Request(std::string method, std::string path, Idempotency idempotency, std::string_view pattern);

  std::string method_;
  std::string path_;
  std::string query_;
  std::string body_;
  bool has_body_ = false;
  Idempotency idempotency_;
  std::string_view pattern_;  // a literal
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
