#pragma once

#include <exception>
#include <string>
#include <vector>

#include "common/json.hpp"
#include "engine/operations.hpp"

namespace lakebase::emulator {

/// What an operation's failure says about what was done.
struct OperationFailure {
  /// The error that the operation shows.
  Json error;
  /// It was certainly not done.
  bool refused = false;
  /// It may have been done all the same.
  bool in_doubt = false;
};

/// What the engine, which knows no resource, needs of those that do when an operation has failed or an earlier process
/// has left something behind outside of the state, e.g. a database in a server.
///
/// A cleanup is a document of theirs that describes something to be done outside. It is idempotent, since it may be
/// carried out more than once.
template <class State>
class Recovery {
 public:
  virtual ~Recovery() = default;

  virtual OperationFailure failure_of(std::exception_ptr const& caught) const = 0;

  /// Carries cleanups out. @return those that failed, to be attempted again
  virtual std::vector<Json> clean_up(std::vector<Json> const& cleanups, State const& state) const = 0;
  /// Whether a cleanup would disturb an operation that holds the key; see `Locks`.
  virtual bool concerns(Json const& cleanup, std::string const& key, State const& state) const = 0;

  /// Whether the target that an operation was to remove is gone; false if that is unknown.
  /// @param removal see `OperationRecord`
  virtual bool is_gone(std::string const& target, Json const& removal, State const& state) const = 0;
  /// Removes the target of an operation, which is gone, from the state. @return the operation's response
  virtual Json remove_target(OperationRecord const& operation, State& state) const = 0;
  /// Brings up what is in the state. Called once, before any operation runs, when readers of the engine's state see the
  /// recovered one already.
  virtual void resume(State& state) const = 0;
};

}  // namespace lakebase::emulator
