#pragma once

#include <string_view>

#include <lakebase/operation.hpp>

#include "json/shape.hpp"

// Long-running operations as the services of the workspace send them: `name`, `done`, and `metadata`, `response` or
// `error`.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The result of an operation, which is also the response of a service that does everything at once.
struct ExpectedResult {
  Shape const& shape;
  /// Checks that the JSON can be read as the result.
  /// @throws ParseError if a member is of a wrong type
  void (*check)(std::string_view json);
};

/// The members that all operations have.
OperationStatus read_operation(std::string_view body);

/// An operation of that name that has failed for this reason, as a service reports it.
OperationStatus failed_operation(std::string_view name, std::string_view code, std::string_view message);

/// Reads the response to the call of this path, which starts an operation with that result; null: without one. A
/// service that did everything at once responds with the resource, or with nothing.
/// @throws ParseError if it is none of these
OperationStatus read_operation_start(std::string_view body, std::string_view path, ExpectedResult const* result);

/// Reads the response to a poll of an operation. If the operation ends with a result, the result alone is accepted too.
/// @throws ParseError if it is neither
OperationStatus read_operation_state(std::string_view body, bool has_result);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
