#pragma once

#include <string_view>

#include "json/shape.hpp"

// A response of the API is what the call promises, nothing, or a long-running operation. Its form tells which, as the
// service changes from one to the other now and then. JSON that has no member of a model is never read as that model.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The properties of a call that decide how its response is read.
struct ResponseTo {
  /// The call's path, without host and query.
  std::string_view path{};
  /// The response to a delete may be empty.
  bool is_delete = false;
};

/// Whether this is the name of a long-running operation: its last segment but one is `operations`.
bool names_operation(std::string_view name) noexcept;

/// Whether the body holds nothing but white space.
bool is_blank(std::string_view body) noexcept;

/// Reads a response as a `T`. Instantiated for every model.
/// @return false if the response is a long-running operation; `out` is untouched then
/// @throws ParseError if it is neither
template <class T>
bool decode_response(std::string_view body, ResponseTo const& call, T& out);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
