#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/json.hpp"
#include "engine/operations.hpp"

namespace lakebase::emulator {

/// What an operation will do. `check`, `run` and `undo` work outside of the state; `commit` and `rollback` change the
/// state. An operation that fails, at whatever moment, leaves nothing changed inside or outside; if that is not
/// possible at once, its cleanups stay in the state, and are carried out later.
template <class State>
struct OperationPlan {
  /// Name of the resource, which is the prefix of the operation's own name.
  std::string target;
  /// What the operation shows of itself besides.
  Json metadata = Json::object();
  /// What no other operation may work on meanwhile.
  std::vector<Lock> locks{};
  /// There is only `commit`, so that the operation is done when the call that starts it returns.
  bool is_done_at_once = false;
  /// The state changes first, and the rest follows: for removals, which are final once they are in the state.
  bool commits_first = false;
  /// Throws if `run` would meet something of the user's own, which the cleanups must not touch.
  std::function<void()> check{};
  std::function<void()> run{};
  std::function<void(State&)> commit{};
  std::function<void()> undo{};
  std::function<void(State&)> rollback{};
  /// What undoes `run`, also after a restart; of a plan that commits first, what carries it out.
  std::vector<Json> cleanups{};
  /// `run` is one statement, which does all or nothing.
  bool is_one_statement = false;
  /// See `OperationRecord`.
  Json removal{};
  /// The operation's response, from the state after it; none: an empty one.
  std::function<Json(State const&)> response{};
};

}  // namespace lakebase::emulator
