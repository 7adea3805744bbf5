#pragma once

#include <exception>
#include <string>
#include <vector>

#include "common/json.hpp"
#include "engine/operations.hpp"

namespace lakebase::emulator {

/// What an operation's failure was.
struct Failure {
  /// The error that the operation shows.
  Json error;
  /// What was refused was not done, for certain.
  bool refused = false;
  /// What failed may have been done all the same.
  bool in_doubt = false;
};

/// What the engine asks of those who know the resources: of what is outside of the state, and of what an earlier life
/// of the emulator has left.
template <class State>
class Steward {
 public:
  virtual ~Steward() = default;

  virtual Failure failure_of(std::exception_ptr const& caught) const = 0;

  /// Does chores. @return those that could not be done, and may be tried again
  virtual std::vector<Json> undone(std::vector<Json> const& chores, State const& state) const = 0;
  /// Whether a chore would disturb an operation that holds the key.
  virtual bool concerns(Json const& chore, std::string const& key, State const& state) const = 0;

  /// Whether what an operation on `target` was to remove is gone; false where that cannot be known.
  virtual bool is_gone(std::string const& target, std::string const& witness, State const& state) const = 0;
  /// Takes what is gone out of the state.
  virtual void take_out(OperationRecord const& operation, State& state) const = 0;
  /// Takes out what was being made, and brings up what is there. Called once, when all operations have ended.
  virtual void resume(State& state) const = 0;
};

}  // namespace lakebase::emulator
