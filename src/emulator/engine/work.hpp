#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/json.hpp"

namespace lakebase::emulator {

/// A change that an operation carries out. `check`, `run` and `undo` do what is outside of the state; `commit` and
/// `rollback` change the state. An operation that is refused, at whatever moment, has changed nothing on either side;
/// where that cannot be had at once, what is left to do is noted in the state, and done later.
template <class State>
struct WorkOf {
  /// Name of the resource, below which the operation's own name stands; and its type.
  std::string target;
  std::string type;
  /// What nobody else may work on meanwhile; see `Locks`. Whoever plans the work looks whether it is free.
  std::string lock;
  /// The state changes first, and the rest follows: what is gone from the state is gone.
  bool commits_first = false;
  /// Looks whether `run` would meet something of the user's own, which `chores` must not touch.
  std::function<void()> check{};
  std::function<void()> run{};
  std::function<void(State&)> commit{};
  std::function<void()> undo{};
  std::function<void(State&)> rollback{};
  /// What undoes `run`, also after a restart; of work that commits first: what carries it out.
  std::vector<Json> chores{};
  /// `run` does all or nothing.
  bool is_one_statement = false;
  /// See `OperationRecord`.
  std::string witness{};
  std::string heir{};
  /// The finished operation's response, from the state that it leaves; none: `google.protobuf.Empty`.
  std::function<Json(State const&)> response{};
};

}  // namespace lakebase::emulator
