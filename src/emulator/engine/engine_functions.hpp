#pragma once

// The functions of `Engine`. Included only by the source that instantiates it with its state.

#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "common/encoding.hpp"
#include "engine/engine.hpp"
#include "engine/unfinished.hpp"

namespace lakebase::emulator {

template <class State>
Engine<State>::Engine(EngineOptions options, Recovery<State> const& recovery)
    : options_(std::move(options)),
      recovery_(recovery),
      state_(options_.file, options_.is_temporary, options_.write_step, options_.log),
      cleaner_(state_, recovery, options_.now),
      polls_(options_.operation_polls) {}

template <class State>
Json Engine<State>::accept(std::function<Plan(State&)> const& make_plan) {
  Plan plan;
  OperationRecord record;
  change([&](State& next) {
    plan = make_plan(next);
    enter(next, plan, record);
    if (plan.is_done_at_once) complete_at_once(next, plan, record);
  });
  auto shown = operation_json(record, plan.is_done_at_once);
  if (plan.is_done_at_once) {
    polls_.note_shown_done(record.name);
    return shown;
  }
  try {
    workers_.enqueue([this, name = record.name, plan] { perform(name, plan); });
  } catch (std::system_error const&) {
    fail(record.name, plan, recovery_.failure_of(std::current_exception()).error);
  }
  return shown;
}

template <class State>
void Engine<State>::change(std::function<void(State&)> const& function) {
  state_.change([&](State& next) {
    if (wait_until_stopped({})) throw ServiceError{503, "TEMPORARILY_UNAVAILABLE", "The emulator is stopping."};
    function(next);
  });
}

template <class State>
void Engine<State>::enter(State& state, Plan const& plan, OperationRecord& record) const {
  record.name = operation_name(plan.target, base64url(options_.random(15)));
  record.metadata = plan.metadata;
  record.removal = plan.removal;
  // A plan that checks first, or commits first, has done nothing before that, so there is nothing to undo.
  if (!plan.check && !plan.commits_first) record.cleanups = plan.cleanups;
  state.operations.push_back(record);
  forget_old(state.operations, options_.now());
  state.locks.take(plan.locks, record.name);
}

template <class State>
Json Engine<State>::operation(std::string const& name) {
  auto const current = state();
  auto const* const found = current->operations.find(name);
  if (found == nullptr) throw not_found("operation not found");
  polls_.forget_gone(current->operations);
  return operation_json(*found, polls_.shows_done(*found, options_.now()));
}

template <class State>
Json Engine<State>::await(std::string const& name) {
  constexpr Duration pause = std::chrono::milliseconds{5};
  for (;;) {
    auto const current = state();
    auto const* const found = current->operations.find(name);
    if (found == nullptr) throw not_found("operation not found");
    if (found->done) return operation_json(*found, true);
    if (wait_until_stopped(pause)) throw aborted("The emulator is stopping.");
  }
}

template <class State>
void Engine<State>::complete_at_once(State& state, Plan const& plan, OperationRecord& record) const {
  plan.commit(state);
  finish(state, record.name, [&](OperationRecord& ended) { ended.response = response_of(plan, state); });
  record = running_in(state.operations, record.name);
}

// True if it was stopped.
template <class State>
bool Engine<State>::wait_until_stopped(Duration duration) {
  std::unique_lock lock{mutex_};
  return stopped_.wait_for(lock, duration, [&] { return stopping_; });
}

template <class State>
void Engine<State>::perform(std::string const& name, Plan const& plan) {
  if (options_.operation_delay > Duration::zero()) wait_until_stopped(options_.operation_delay);
  plan.commits_first ? commit_then_run(name, plan) : run_then_commit(name, plan);
}

template <class State>
void Engine<State>::run_then_commit(std::string const& name, Plan const& plan) {
  bool begun = false;
  try {
    // Another operation must not meet, or copy, what a failed one has left.
    cleaner_.run_for(plan.locks);
    if (plan.check) {
      plan.check();
      note_cleanups(name, plan);
    }
    begun = true;
    if (plan.run) plan.run();
    complete(name, plan);
  } catch (...) {
    auto const failure = recovery_.failure_of(std::current_exception());
    if (begun && failure.in_doubt && has_happened(plan)) return complete(name, plan);
    bool const did_nothing = !begun || (plan.is_one_statement && failure.refused);
    did_nothing ? fail(name, plan, failure.error) : undo_and_fail(name, plan, failure.error);
  }
}

template <class State>
void Engine<State>::note_cleanups(std::string const& name, Plan const& plan) {
  state_.change([&](State& next) { running_in(next.operations, name).cleanups = plan.cleanups; });
}

// Whether what was to be removed is gone although its removal was not confirmed.
template <class State>
bool Engine<State>::has_happened(Plan const& plan) const {
  return !plan.removal.is_null() && recovery_.is_gone(plan.target, plan.removal, *state());
}

template <class State>
Json Engine<State>::response_of(Plan const& plan, State const& state) const {
  return plan.response ? plan.response(state) : Json::object();
}

template <class State>
void Engine<State>::commit_then_run(std::string const& name, Plan const& plan) {
  try {
    state_.change([&](State& next) {
      plan.commit(next);
      auto& record = running_in(next.operations, name);
      record.cleanups = plan.cleanups;
      record.committed = true;
      // Already now, for a restart that goes on with it.
      record.response = response_of(plan, next);
    });
  } catch (...) {
    fail(name, plan, recovery_.failure_of(std::current_exception()).error);
    return;
  }
  try {
    if (plan.run) plan.run();
  } catch (std::exception const& error) {
    log(fmt::format("{}: {}", name, error.what()));
  }
  auto const left = recovery_.clean_up(plan.cleanups, *state());
  state_.settle([&](State& next) {
    next.cleanups.insert(next.cleanups.end(), left.begin(), left.end());
    finish(next, name, [](OperationRecord&) {});
  });
}

template <class State>
void Engine<State>::complete(std::string const& name, Plan const& plan) {
  constexpr Duration pause = std::chrono::milliseconds{200};
  for (;;) {
    try {
      state_.change([&](State& next) {
        if (plan.commit) plan.commit(next);
        finish(next, name, [&](OperationRecord& record) { record.response = response_of(plan, next); });
      });
      return;
    } catch (StateNotSaved const&) {
      if (plan.removal.is_null()) throw;
      // What was removed outside cannot be brought back. The operation ends once that is saved; if the emulator stops
      // before, the next start finds out by `removal`.
      if (wait_until_stopped(pause)) return;
    }
  }
}

template <class State>
void Engine<State>::fail(std::string const& name, Plan const& plan, Json error) {
  log(fmt::format("{} failed: {}", name, error.at("message").get<std::string>()));
  end_as_failed(name, plan, error, {});
}

template <class State>
void Engine<State>::undo_and_fail(std::string const& name, Plan const& plan, Json error) {
  log(fmt::format("{} failed: {}", name, error.at("message").get<std::string>()));
  try {
    if (plan.undo) plan.undo();
  } catch (std::exception const& undo_error) {
    log(fmt::format("{}: cannot undo: {}", name, undo_error.what()));
  }
  end_as_failed(name, plan, error, recovery_.clean_up(plan.cleanups, *state()));
}

template <class State>
void Engine<State>::end_as_failed(std::string const& name, Plan const& plan, Json const& error,
                                  std::vector<Json> const& left) {
  state_.settle([&](State& next) {
    if (plan.rollback) plan.rollback(next);
    next.cleanups.insert(next.cleanups.end(), left.begin(), left.end());
    finish(next, name, [&](OperationRecord& record) { record.error = error; });
  });
}

template <class State>
void Engine<State>::finish(State& state, std::string const& name,
                           std::function<void(OperationRecord&)> const& outcome) const {
  auto& record = running_in(state.operations, name);
  outcome(record);
  note_end(record, options_.now());
  state.locks.release_all_of(name);
}

template <class State>
void Engine<State>::open() {
  State state = state_.load();
  // A copy, because `recover` changes the records.
  for (auto const& record : Operations{state.operations}) {
    if (!record.done) recover(state, record);
  }
  erase_unfinished(state);
  // Already now, because what is brought up asks for it.
  state_.replace(state);
  recovery_.resume(state);
  state_.replace(std::move(state));
  cleaner_.run();
  state_.settle([](State&) {});
}

// Ends an operation that ran when the emulator was stopped.
template <class State>
void Engine<State>::recover(State& state, OperationRecord const& record) const {
  bool const gone =
      !record.removal.is_null() && recovery_.is_gone(target_of_operation(record.name), record.removal, state);
  Json const response = gone ? recovery_.remove_target(record, state) : record.response;
  auto const left = recovery_.clean_up(record.cleanups, state);
  state.cleanups.insert(state.cleanups.end(), left.begin(), left.end());
  finish(state, record.name, [&](OperationRecord& ended) {
    if (ended.committed || gone) {
      ended.response = response;
    } else {
      ended.error = aborted("The emulator was stopped while the operation was running.").envelope();
    }
  });
}

template <class State>
void Engine<State>::catch_up() {
  save_again();
  clean_up_again();
}

template <class State>
void Engine<State>::stop() {
  {
    std::lock_guard const lock{mutex_};
    stopping_ = true;
  }
  stopped_.notify_all();
  workers_.finish();
  state_.close();
}

}  // namespace lakebase::emulator
