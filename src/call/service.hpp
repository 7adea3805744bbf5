#pragma once

#include <string_view>

#include <lakebase/operation.hpp>

#include "call/request.hpp"
#include "http/hints.hpp"
#include "json/operation.hpp"

// The differences between the services of a workspace, besides their methods and models. Each service fills in a
// Service; the machinery below knows none of them by name.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// How a service's operations are polled: a long-running operation by its name, or a resource until its state is final.
struct OperationProtocol {
  /// The poll factory: the request for the state of the operation of that name.
  /// @throws InvalidArgument if the name makes no request
  Request (*poll)(std::string_view name) = nullptr;
  /// Reads the response to the call of that path, which started the operation. `result` is null if it has none.
  /// @throws ParseError
  OperationStatus (*read_start)(std::string_view body, std::string_view path,
                                ExpectedResult const* result) = read_operation_start;
  /// The state reader: what the response to a poll says, running, done or failed.
  /// @throws ParseError
  OperationStatus (*read_state)(std::string_view body, bool has_result) = read_operation_state;
  /// The client by which a program resumes the operation, for hints: `w.postgres`. Empty: none can.
  std::string_view client{};
  /// What it means if a poll finds nothing for longer than a service may lag behind: `is gone: it was deleted`. The
  /// wait ends with it. Empty: nothing is known of the operation then, and the error of the poll stands.
  std::string_view gone{};
};

/// The properties of a service.
struct Service {
  /// Has no poll factory if the service starts no operations.
  OperationProtocol operations{};
  /// Its advice on its errors; null: none.
  Advice advise = nullptr;
  /// What the paths of its calls begin with. A program may make them by their path.
  std::string_view root{};
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
