#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "common/elastic_pool.hpp"
#include "common/random.hpp"
#include "engine/cleaner.hpp"
#include "engine/kept_state.hpp"
#include "engine/operation_plan.hpp"
#include "engine/recovery.hpp"

namespace lakebase::emulator {

struct EngineOptions {
  /// Where the state is stored, and whether it is of no use after the end of the process.
  std::filesystem::path file;
  bool is_temporary = false;
  /// Each operation takes at least this long.
  Duration operation_delay{};
  /// So many polls see an operation running, besides the call that started it.
  int operation_polls = 0;
  Clock now;
  /// Where the ids of operations come from.
  RandomBytes random = random_bytes;
  std::function<void(std::string_view)> log;
  /// For tests: see `WriteStep`.
  WriteStep write_step;
};

/// Long-running operations that change a state. Knows no resource.
///
/// The state is a record with `operations`, `cleanups` (those that failed so far), `locks` and further members; it
/// lists in `describe` what is saved. What is unfinished when a process ends is removed from it; see
/// `erase_unfinished`.
///
/// What is acknowledged is on the disk, and what failed has changed neither the state nor anything outside of it, also
/// after a restart: an operation is saved with what undoes it before it does anything (`OperationRecord::cleanups`),
/// and its outcome and the change of the state are saved as one.
///
/// Thread-safe. The functions are in engine_functions.hpp, for the one source that instantiates them with its state.
template <class State>
class Engine {
 public:
  using Plan = OperationPlan<State>;

  Engine(EngineOptions options, Recovery<State> const& recovery);
  ~Engine() { stop(); }
  Engine(Engine const&) = delete;
  Engine& operator=(Engine const&) = delete;

  /// The state as of now; later changes do not alter it.
  std::shared_ptr<State const> state() const { return state_.get(); }

  /// Starts an operation. `make_plan` checks the request, throwing before it changes anything, enters the change into
  /// the state, and returns what is to be done. Returns the operation, not done, unless it is a plan that is done at
  /// once.
  /// @throws ServiceError aborted if another operation holds one of the plan's locks; nothing is changed then
  Json accept(std::function<Plan(State&)> const& make_plan);
  /// Changes the state at once, without an operation. The function must not touch what an operation holds; see
  /// `Locks::require_free`. If it throws, nothing is changed.
  void change(std::function<void(State&)> const& function);
  /// `GET` of an operation. @throws ServiceError if there is none
  Json operation(std::string const& name);
  /// Waits for the end of an operation, and returns it.
  Json await(std::string const& name);

  /// Reads the state, cleans up what an earlier process left unfinished, and brings up the rest.
  void open();
  /// Saves what could not be saved before; whether there is any.
  void save_again() { state_.catch_up(); }
  bool is_unsaved() const { return state_.is_unsaved(); }
  /// Carries out what failed operations have left for these locks, before somebody outside of an operation looks at it.
  /// @throws ServiceError if that fails
  void clean_up_for(std::vector<Lock> const& locks) { cleaner_.run_for(locks); }
  /// Attempts the cleanups that failed, which may take long; when the next attempt is due.
  void clean_up_again() { cleaner_.run_if_due(); }
  std::optional<TimePoint> next_cleanup() { return cleaner_.next_due(); }
  /// Both.
  void catch_up();
  /// Ends pauses, and waits for running operations.
  void stop();

 private:
  void enter(State& state, Plan const& plan, OperationRecord& record) const;
  void complete_at_once(State& state, Plan const& plan, OperationRecord& record) const;
  void perform(std::string const& name, Plan const& plan);
  void run_then_commit(std::string const& name, Plan const& plan);
  void commit_then_run(std::string const& name, Plan const& plan);
  Json response_of(Plan const& plan, State const& state) const;
  void note_cleanups(std::string const& name, Plan const& plan);
  void complete(std::string const& name, Plan const& plan);
  void fail(std::string const& name, Plan const& plan, Json error);
  void undo_and_fail(std::string const& name, Plan const& plan, Json error);
  void end_as_failed(std::string const& name, Plan const& plan, Json const& error, std::vector<Json> const& left);
  void finish(State& state, std::string const& name, std::function<void(OperationRecord&)> const& outcome) const;
  void recover(State& state, OperationRecord const& record) const;
  bool has_happened(Plan const& plan) const;
  bool wait_until_stopped(Duration duration);
  void log(std::string_view line) const { options_.log(line); }

  EngineOptions const options_;
  Recovery<State> const& recovery_;
  KeptState<State> state_;
  Cleaner<State> cleaner_;
  Polls polls_;

  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;

  static constexpr std::size_t most_running_operations = 32;
  ElasticPool workers_{most_running_operations};
};

}  // namespace lakebase::emulator
