#pragma once

// The functions of `Engine`. Included by the source that makes an engine for its state, and by nobody else.

#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "common/encoding.hpp"
#include "common/random.hpp"
#include "engine/engine.hpp"

namespace lakebase::emulator {
namespace engine_pauses {
inline constexpr Duration before_saving_again = std::chrono::milliseconds{200};
inline constexpr Duration between_tidyings = std::chrono::seconds{10};
}

template <class State>
Engine<State>::Engine(EngineOptions options, Steward<State> const& steward)
    : options_(std::move(options)),
      steward_(steward),
      store_(options_.file, options_.is_temporary, options_.write_step, options_.log),
      polls_(options_.operation_polls) {}

template <class State>
std::shared_ptr<State const> Engine<State>::state() const {
  std::lock_guard const lock{mutex_};
  return state_;
}

template <class State>
void Engine<State>::publish(State next) {
  auto published = std::make_shared<State const>(std::move(next));
  std::lock_guard const lock{mutex_};
  state_ = std::move(published);
}

// Under `change_mutex_`.
template <class State>
void Engine<State>::save(State const& next) {
  try {
    store_.save(next);
  } catch (StateNotSaved const& error) {
    if (!std::exchange(is_failing_, true)) log(error.what());
    throw;
  }
  if (std::exchange(is_failing_, false)) log("The state can be saved again.");
  is_unsaved_ = false;
}

template <class State>
void Engine<State>::change(std::function<void(State&)> const& function) {
  std::lock_guard const changing{change_mutex_};
  State next = *state();
  function(next);
  save(next);
  publish(std::move(next));
}

// For what the next start would make of the saved state all the same.
template <class State>
void Engine<State>::settle(std::function<void(State&)> const& function) {
  std::lock_guard const changing{change_mutex_};
  State next = *state();
  function(next);
  try {
    save(next);
  } catch (StateNotSaved const&) {
    is_unsaved_ = true;
  }
  publish(std::move(next));
}

template <class State>
Json Engine<State>::accept(std::function<WorkOf<State>(State&)> const& plan) {
  WorkOf<State> work;
  OperationRecord record;
  change([&](State& next) {
    if (wait_until_stopped({})) throw ServiceError{503, "TEMPORARILY_UNAVAILABLE", "The emulator is stopping."};
    work = plan(next);
    start(next, work, record);
  });
  auto shown = operation_json(record, false);
  try {
    workers_.enqueue([this, name = record.name, work] { perform(name, work); });
  } catch (std::system_error const&) {
    fail(record.name, work, steward_.failure_of(std::current_exception()).error, false);
  }
  return shown;
}

template <class State>
void Engine<State>::start(State& state, WorkOf<State> const& work, OperationRecord& record) const {
  record.name = fmt::format("{}/operations/{}", work.target, base64url(random_bytes(15)));
  record.type = work.type;
  record.witness = work.witness;
  record.heir = work.heir;
  if (!work.check && !work.commits_first) record.chores = work.chores;
  state.operations.push_back(record);
  forget_old(state.operations, options_.now());
  state.locks.take(work.lock, record.name);
}

template <class State>
Json Engine<State>::operation(std::string const& name) {
  auto const current = state();
  auto const* const found = current->operations.find(name);
  if (found == nullptr) throw not_found("operation not found");
  return operation_json(*found, polls_.shows_done(*found, options_.now()));
}

template <class State>
bool Engine<State>::wait_until_stopped(Duration duration) {
  std::unique_lock lock{mutex_};
  return stopped_.wait_for(lock, duration, [&] { return stopping_; });
}

template <class State>
void Engine<State>::perform(std::string const& operation_name, WorkOf<State> const& work) {
  if (options_.operation_delay > Duration::zero()) wait_until_stopped(options_.operation_delay);
  work.commits_first ? run_committed(operation_name, work) : run(operation_name, work);
}

template <class State>
void Engine<State>::run(std::string const& operation_name, WorkOf<State> const& work) {
  bool begun = false;
  try {
    tidy_up_for(work.lock);
    if (work.check) {
      work.check();
      change([&](State& next) { running_in(next.operations, operation_name).chores = work.chores; });
    }
    begun = true;
    if (work.run) work.run();
    complete(operation_name, work);
  } catch (...) {
    auto const failure = steward_.failure_of(std::current_exception());
    if (begun && failure.in_doubt && has_happened(work)) return complete(operation_name, work);
    fail(operation_name, work, failure.error, begun && !(work.is_one_statement && failure.refused));
  }
}

// Whether what was to be removed is gone, though nobody has lived to tell.
template <class State>
bool Engine<State>::has_happened(WorkOf<State> const& work) const {
  return !work.witness.empty() && steward_.is_gone(work.target, work.witness, *state());
}

template <class State>
void Engine<State>::run_committed(std::string const& operation_name, WorkOf<State> const& work) {
  try {
    change([&](State& next) {
      work.commit(next);
      auto& record = running_in(next.operations, operation_name);
      record.chores = work.chores;
      record.committed = true;
    });
  } catch (...) {
    fail(operation_name, work, steward_.failure_of(std::current_exception()).error, false);
    return;
  }
  try {
    if (work.run) work.run();
  } catch (std::exception const& error) {
    log(fmt::format("{}: {}", operation_name, error.what()));
  }
  auto const left = steward_.undone(work.chores, *state());
  settle([&](State& next) {
    next.chores.insert(next.chores.end(), left.begin(), left.end());
    finish(next, operation_name, [](OperationRecord& record) { record.response = empty_response(); });
  });
}

template <class State>
void Engine<State>::complete(std::string const& operation_name, WorkOf<State> const& work) {
  auto const completed = [&](State& next) {
    if (work.commit) work.commit(next);
    finish(next, operation_name,
           [&](OperationRecord& record) { record.response = work.response ? work.response(next) : empty_response(); });
  };
  for (;;) {
    try {
      change(completed);
      return;
    } catch (StateNotSaved const&) {
      if (work.witness.empty()) throw;
      // What PostgreSQL has dropped cannot be brought back. The operation ends when that can be noted; where the
      // emulator stops before, the next start sees what has happened.
      if (wait_until_stopped(engine_pauses::before_saving_again)) return;
    }
  }
}

template <class State>
void Engine<State>::fail(std::string const& operation_name, WorkOf<State> const& work, Json error, bool begun) {
  log(fmt::format("{} failed: {}", operation_name, error.at("message").get<std::string>()));
  std::vector<Json> left;
  if (begun) {
    try {
      if (work.undo) work.undo();
    } catch (std::exception const& undo_error) {
      log(fmt::format("{}: cannot undo: {}", operation_name, undo_error.what()));
    }
    left = steward_.undone(work.chores, *state());
  }
  settle([&](State& next) {
    if (work.rollback) work.rollback(next);
    next.chores.insert(next.chores.end(), left.begin(), left.end());
    finish(next, operation_name, [&](OperationRecord& record) { record.error = error; });
  });
}

template <class State>
void Engine<State>::finish(State& state, std::string const& operation_name,
                           std::function<void(OperationRecord&)> const& outcome) const {
  auto& record = running_in(state.operations, operation_name);
  outcome(record);
  note_end(record, options_.now());
  state.locks.release_all_of(operation_name);
}

template <class State>
void Engine<State>::open() {
  State state = store_.load();
  // Chores look at the state to see what there is.
  for (auto const& record : Operations{state.operations}) {
    if (!record.done) recover(state, record);
  }
  steward_.resume(state);
  publish(std::move(state));
  tidy_up([](Json const&) { return true; });
  settle([](State&) {});
}

template <class State>
void Engine<State>::recover(State& state, OperationRecord const& record) const {
  auto const target = record.name.substr(0, record.name.rfind("/operations/"));
  bool const gone = !record.witness.empty() && steward_.is_gone(target, record.witness, state);
  if (gone) steward_.take_out(record, state);
  auto const left = steward_.undone(record.chores, state);
  state.chores.insert(state.chores.end(), left.begin(), left.end());
  finish(state, record.name, [&](OperationRecord& ended) {
    if (ended.committed || gone) {
      ended.response = empty_response();
    } else {
      ended.error = aborted("The emulator was stopped while the operation was running.").envelope();
    }
  });
}

template <class State>
void Engine<State>::stop() {
  {
    std::lock_guard const lock{mutex_};
    stopping_ = true;
  }
  stopped_.notify_all();
  workers_.finish();
  std::lock_guard const changing{change_mutex_};
  store_.close();
}

// Does those chores of the state that are wanted. False where some are left.
template <class State>
bool Engine<State>::tidy_up(std::function<bool(Json const&)> const& wanted) {
  std::lock_guard const tidying{chores_mutex_};
  auto const current = state();
  std::vector<Json> due;
  std::copy_if(current->chores.begin(), current->chores.end(), std::back_inserter(due), wanted);
  if (due.empty()) return true;
  auto const left = steward_.undone(due, *current);
  auto const is_done = [&](Json const& chore) {
    return std::find(due.begin(), due.end(), chore) != due.end() &&
           std::find(left.begin(), left.end(), chore) == left.end();
  };
  settle([&](State& next) { std::erase_if(next.chores, is_done); });
  return left.empty();
}

// What is left of an operation that was refused must not be met, or copied, by another one.
template <class State>
void Engine<State>::tidy_up_for(std::string const& lock) {
  auto const current = state();
  if (tidy_up([&](Json const& chore) { return steward_.concerns(chore, lock, *current); })) return;
  throw ServiceError{
      500, "INTERNAL_ERROR",
      "What an earlier operation has left in the project cannot be tidied up yet; the emulator's log says "
      "why. Try again later."};
}

template <class State>
void Engine<State>::catch_up() {
  if (is_unsaved_) settle([](State&) {});
  {
    std::lock_guard const tidying{chores_mutex_};
    if (options_.now() < next_tidying_) return;
    next_tidying_ = options_.now() + engine_pauses::between_tidyings;
  }
  tidy_up([](Json const&) { return true; });
}

}  // namespace lakebase::emulator
