#pragma once

#include <string_view>

#include <lakebase/operation.hpp>

#include "call/request.hpp"
#include "http/hints.hpp"
#include "json/operation.hpp"

// What differs between the services of a workspace, besides their methods and models. Each service fills one in; the
// machinery below knows none of them by name.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// How what a service does in its own time is followed: a long-running operation by its name, or a resource that is
/// polled until its state is final.
struct OperationProtocol {
  /// The poll factory: the request for the state of what has that name.
  /// @throws InvalidArgument if the name makes no request
  Request (*poll)(std::string_view name) = nullptr;
  /// Reads the response to the call of that path, which started it. `result` is null if it ends without one.
  /// @throws ParseError
  OperationStatus (*read_start)(std::string_view body, std::string_view path,
                                ExpectedResult const* result) = read_operation_start;
  /// The state reader: what the response to a poll says, running, done or failed.
  /// @throws ParseError
  OperationStatus (*read_state)(std::string_view body, bool has_result) = read_operation_state;
  /// The client by which a program picks it up again, for hints: `w.postgres`. Empty: none does.
  std::string_view client{};
};

/// What a service tells of itself.
struct Service {
  /// Without a poll factory: it starts no operations.
  OperationProtocol operations{};
  /// What it advises on its errors; null: nothing.
  Advice advise = nullptr;
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
