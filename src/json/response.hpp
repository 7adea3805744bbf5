#pragma once

#include <string_view>

#include "json/shape.hpp"

// What a response of the API is: what the call promises, nothing, or a long-running operation. Told by its form, as the
// service changes from one to the other now and then. Nothing is read as a model that has nothing of one.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// What of a call decides how its response is read.
struct ResponseTo {
  /// Of the call, without host and query.
  std::string_view path{};
  /// A delete may be responded to with nothing.
  bool is_delete = false;
};

/// Whether this is the name of a long-running operation: its last segment but one is `operations`.
bool names_operation(std::string_view name) noexcept;

/// Whether there is no text but white space.
bool is_blank(std::string_view body) noexcept;

/// Reads a response as a `T`. Instantiated for every model.
/// @return false where the response is a long-running operation; `out` is untouched then
/// @throws ParseError where it is neither
template <class T>
bool decode_response(std::string_view body, ResponseTo const& call, T& out);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
