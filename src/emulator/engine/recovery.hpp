#pragma once

#include <exception>
#include <string>
#include <vector>

#include "common/json.hpp"
#include "engine/operations.hpp"

namespace lakebase::emulator {

/// What an operation's failure says of what was done.
struct OperationFailure {
  /// The error that the operation shows.
  Json error;
  /// What was refused was not done, for certain.
  bool refused = false;
  /// What failed may have been done all the same.
  bool in_doubt = false;
};

/// What the engine asks of those who know the resources, when an operation has failed or an earlier process has left
/// something: about what is outside of the state, e.g. a database in a server.
///
/// A cleanup is a document in their words, of something to be done outside. It may be carried out more than once, and
/// does no harm if it was carried out before.
template <class State>
class Recovery {
 public:
  virtual ~Recovery() = default;

  virtual OperationFailure failure_of(std::exception_ptr const& caught) const = 0;

  /// Carries cleanups out. @return those that failed, to be attempted again
  virtual std::vector<Json> clean_up(std::vector<Json> const& cleanups, State const& state) const = 0;
  /// Whether a cleanup would disturb an operation that holds the key; see `Locks`.
  virtual bool concerns(Json const& cleanup, std::string const& key, State const& state) const = 0;

  /// Whether the target that an operation was to remove is gone; false if that cannot be known.
  /// @param probe see `OperationRecord`
  virtual bool is_gone(std::string const& target, std::string const& probe, State const& state) const = 0;
  /// Takes the target of an operation, which is gone, out of the state.
  virtual void remove_target(OperationRecord const& operation, State& state) const = 0;
  /// Takes out of the state what was being made, and brings up the rest. Called once, when no operation runs.
  virtual void resume(State& state) const = 0;
};

}  // namespace lakebase::emulator
