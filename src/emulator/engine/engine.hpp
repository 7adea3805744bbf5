#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/elastic_pool.hpp"
#include "engine/steward.hpp"
#include "engine/store.hpp"
#include "engine/work.hpp"

namespace lakebase::emulator {

struct EngineOptions {
  /// Where the state is kept; and whether nobody needs it after the end of the process.
  std::filesystem::path file;
  bool is_temporary = false;
  /// Each operation takes at least this long …
  Duration operation_delay{};
  /// … and answers this many polls with `done: false`, besides the call that started it.
  int operation_polls = 0;
  Clock now;
  std::function<void(std::string_view)> log;
  /// For tests: see `WriteStep`.
  WriteStep write_step;
};

/// A state, and the long-running operations that change it. Knows no resource.
///
/// The state is a record with `operations`, `chores` (what could not be done so far) and `locks`, and whatever else; it
/// lists in `describe` what is kept.
///
/// What is acknowledged is on the disk, and what is refused is on neither side, the state's or the outside's, also
/// after a restart: an operation is saved with what undoes it before it does anything (`OperationRecord::chores`), and
/// its outcome and the change of the state are saved as one.
///
/// Thread-safe. The functions are in engine_functions.hpp, for the one source that makes them for its state.
template <class State>
class Engine {
 public:
  Engine(EngineOptions options, Steward<State> const& steward);
  ~Engine() { stop(); }
  Engine(Engine const&) = delete;
  Engine& operator=(Engine const&) = delete;

  /// The state as of now, which stays as it is.
  std::shared_ptr<State const> state() const;

  /// Starts an operation. `plan` checks the request, throwing before it changes anything, enters the change into the
  /// state, and says what is to be done. Returns the operation, not done.
  Json accept(std::function<WorkOf<State>(State&)> const& plan);
  /// `GET` of an operation. @throws ServiceError where there is none
  Json operation(std::string const& name);

  /// Reads the state, tidies up what an earlier life left unfinished, and lets the steward bring up the rest.
  void open();
  /// Saves and tidies up what could not be before. Called from time to time.
  void catch_up();
  /// Ends waiting and waits for running operations.
  void stop();

 private:
  void change(std::function<void(State&)> const& function);
  void settle(std::function<void(State&)> const& function);
  void save(State const& next);
  void publish(State next);
  void start(State& state, WorkOf<State> const& work, OperationRecord& record) const;
  void perform(std::string const& operation_name, WorkOf<State> const& work);
  void run(std::string const& operation_name, WorkOf<State> const& work);
  void run_committed(std::string const& operation_name, WorkOf<State> const& work);
  void complete(std::string const& operation_name, WorkOf<State> const& work);
  void fail(std::string const& operation_name, WorkOf<State> const& work, Json error, bool begun);
  void finish(State& state, std::string const& operation_name,
              std::function<void(OperationRecord&)> const& outcome) const;
  void recover(State& state, OperationRecord const& record) const;
  bool has_happened(WorkOf<State> const& work) const;
  bool wait_until_stopped(Duration duration);
  bool tidy_up(std::function<bool(Json const&)> const& wanted);
  void tidy_up_for(std::string const& lock);
  void log(std::string_view line) const { options_.log(line); }

  EngineOptions const options_;
  Steward<State> const& steward_;

  /// Held by the one who changes the state; guards the store, too.
  std::mutex change_mutex_;
  Store<State> store_;
  std::atomic<bool> is_unsaved_ = false;
  bool is_failing_ = false;

  /// Held by the one who tidies up.
  std::mutex chores_mutex_;
  TimePoint next_tidying_{};

  mutable std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::shared_ptr<State const> state_ = std::make_shared<State const>();
  Polls polls_;

  ElasticPool workers_{32};
};

}  // namespace lakebase::emulator
