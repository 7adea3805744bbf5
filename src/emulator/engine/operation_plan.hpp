#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/json.hpp"

namespace lakebase::emulator {

/// What an operation will do. `check`, `run` and `undo` do what is outside of the state; `commit` and `rollback` change
/// the state. An operation that is refused, at whatever moment, has changed nothing on either side; if that cannot be
/// had at once, its cleanups stay in the state, and are carried out later.
template <class State>
struct OperationPlan {
  /// Name of the resource, below which the operation's own name stands; and its type.
  std::string target;
  std::string type;
  /// What nobody else may work on meanwhile; see `Locks`. Whoever plans looks whether it is free.
  std::string lock;
  /// The state changes first, and the rest follows: what is gone from the state is gone.
  bool commits_first = false;
  /// Looks whether `run` would meet something of the user's own, which the cleanups must not touch.
  std::function<void()> check{};
  std::function<void()> run{};
  std::function<void(State&)> commit{};
  std::function<void()> undo{};
  std::function<void(State&)> rollback{};
  /// What undoes `run`, also after a restart; of a plan that commits first: what carries it out.
  std::vector<Json> cleanups{};
  /// `run` does all or nothing.
  bool is_one_statement = false;
  /// See `OperationRecord`.
  std::string probe{};
  std::string new_owner{};
  /// The finished operation's response, from the state that it leaves; none: `google.protobuf.Empty`.
  std::function<Json(State const&)> response{};
};

}  // namespace lakebase::emulator
