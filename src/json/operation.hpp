#pragma once

#include <string_view>

#include <lakebase/operation.hpp>

#include "json/shape.hpp"

// Long-running operations as the services of the workspace send them: `name`, `done`, and `metadata`, `response` or
// `error`.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// What an operation leads to, and a service that does all at once responds with.
struct ExpectedResult {
  Shape const& shape;
  /// Reads it.
  /// @throws ParseError if a member is of a wrong type
  void (*check)(std::string_view json);
};

/// The members that all operations have.
OperationStatus read_operation(std::string_view body);

/// The response to the call of this path, which starts an operation with that result; null: without one. A service that
/// did all at once responds with the resource, or with nothing.
/// @throws ParseError if it is none of these
OperationStatus read_operation_start(std::string_view body, std::string_view path, ExpectedResult const* result);

/// The response to a poll of an operation; if it ends with a result, that alone is a response as well.
/// @throws ParseError if it is neither
OperationStatus read_operation_state(std::string_view body, bool has_result);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
