#pragma once

#include <optional>
#include <string>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// A random UUID (version 4) in its usual form, `9b2f6a0e-3c41-4d7a-8e55-0f1c2d3e4b5a`: what a request id is made of.
/// Safe to call from any thread.
/// @throws Error if the system has no randomness to give
std::string make_uuid();

/// The request id that the caller gave, or a new one if it is unset or, as in Python, empty.
inline std::optional<std::string> request_id_or_new(std::optional<std::string> const& given) {
  if (given && !given->empty()) return given;
  return make_uuid();
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
