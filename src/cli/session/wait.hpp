#pragma once

#include <functional>
#include <string>

namespace lakebase::cli {

/// An operation of the service, as it is told to people while it is waited for.
struct Awaited {
  /// The operation, or what it works at; empty if it is over already.
  std::string name;
  /// `waiting for …`, for the terminal.
  std::string shown;
  /// The command that looks after it, without the name.
  std::string look;
};

/// Runs `wait`, with a line on the terminal. An error that ends the wait, as Ctrl-C does, and not the operation, says
/// that the operation goes on, and which command looks after it.
/// @throws OperationFailed; Failure
void await(Awaited const& operation, std::function<void()> const& wait);

}  // namespace lakebase::cli
