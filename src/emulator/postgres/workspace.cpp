#include "postgres/workspace.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>

#include "common/private_file_posix.hpp"
#include "common/random.hpp"
#include "postgres/chores.hpp"

namespace lakebase::emulator {
namespace {

using namespace std::chrono_literals;

// A client polls at least every 10 s while it waits, so that minutes would do; who takes an operation up again by its
// name, in a job that follows or after a night, gets a day. The number bounds what a flood of short-lived branches
// takes in memory and in each snapshot (some 5 MB); at ten operations a second it lasts for eight minutes.
constexpr std::size_t most_operations_kept = 5000;
constexpr Duration longest_operation_kept = 24h;
// An operation that nobody polls is shown as done after this time, whatever `operation_polls` says.
constexpr Duration longest_unpolled = 60s;
constexpr Duration pause_before_saving_again = 200ms;

std::string signing_key(WorkspaceOptions const& options) {
  return kept_secret(options.folder / "signing.key", random_hex(64));
}

std::string token_of(WorkspaceOptions const& options) {
  return options.token.empty() ? kept_secret(options.folder / "token", "dapi" + random_hex(32)) : options.token;
}

Json empty_response() {
  return Json{{"@type", "type.googleapis.com/google.protobuf.Empty"}};
}

Json operation_json(OperationRecord const& record, bool done) {
  Json json{
      {"name", record.name},
      {"metadata",
       Json{{"@type", fmt::format("type.googleapis.com/databricks.postgres.v1.{}OperationMetadata", record.type)}}},
      {"done", done}};
  if (!done) return json;
  if (record.error.is_null()) {
    json["response"] = record.response;
  } else {
    json["error"] = record.error;
  }
  return json;
}

Json error_of(std::exception_ptr const& caught) {
  try {
    std::rethrow_exception(caught);
  } catch (ServiceError const& error) {
    return error.envelope();
  } catch (DataPlaneError const& error) {
    std::string message = error.what();
    if (!error.sqlstate().empty()) message += fmt::format(" (SQLSTATE {})", error.sqlstate());
    return Json{{"error_code", is_users_mistake(error.sqlstate()) ? "BAD_REQUEST" : "INTERNAL_ERROR"},
                {"message", message}};
  } catch (std::exception const& error) {
    return Json{{"error_code", "INTERNAL_ERROR"}, {"message", error.what()}};
  }
}

OperationRecord& operation_in(State& state, std::string_view name) {
  auto* const found = state.operations.find(name);
  if (found == nullptr) throw std::logic_error("an operation is gone before its end");
  return *found;
}

void forget_old_operations(State& state, TimePoint now) {
  auto surplus = state.operations.size() - std::min(state.operations.size(), most_operations_kept);
  state.operations.erase_if([&](OperationRecord const& record) {
    if (!record.done) return false;
    bool const is_old = record.finish_time.value_or(TimePoint{}) + longest_operation_kept <= now;
    if (surplus == 0) return is_old;
    --surplus;
    return true;
  });
}

// Whether a statement that failed so may have been carried out all the same: the session or the server broke down.
bool is_in_doubt(std::string_view sqlstate) {
  return sqlstate.starts_with("08") || sqlstate.starts_with("57") || sqlstate.starts_with("XX");
}

// Direct connections by the size of the largest compute, as documented; between the documented sizes a straight line.
int max_connections(double cu) {
  struct Step {
    double cu;
    double connections;
  };
  static constexpr std::array<Step, 7> steps = {
      {{0.5, 104}, {1, 209}, {2, 419}, {4, 839}, {8, 1678}, {16, 3357}, {24, 4000}}};
  if (cu >= steps.back().cu) return static_cast<int>(steps.back().connections);
  auto const above = std::find_if(steps.begin() + 1, steps.end(), [&](Step const& step) { return step.cu >= cu; });
  auto const below = above - 1;
  auto const share = std::max(0.0, cu - below->cu) / (above->cu - below->cu);
  return static_cast<int>(below->connections + share * (above->connections - below->connections));
}

}  // namespace

ComputeSettings settings_of(EndpointRecord const& endpoint) {
  ComputeSettings settings;
  settings.read_only = endpoint.read_only;
  settings.suspend_after = endpoint.compute.suspend_after;
  settings.disabled = endpoint.disabled;
  settings.max_connections = max_connections(endpoint.compute.max_cu);
  settings.pg_settings = endpoint.compute.pg_settings;
  return settings;
}

void require_idle(ProjectRecord const& project) {
  if (project.running_operation.empty()) return;
  throw aborted(fmt::format("Another operation is running on project '{}'; try again when it is done.", project.id));
}

ServiceError project_not_found() {
  return not_found("project id not found");
}
ServiceError branch_not_found() {
  return not_found("branch id not found");
}
ServiceError endpoint_not_found() {
  return not_found("endpoint id not found");
}
ServiceError role_not_found(std::string_view role_id) {
  return not_found(fmt::format("role not found; role_id:\"{}\"", role_id));
}
ServiceError database_not_found(std::string_view database_id) {
  return not_found(fmt::format("database not found; database_id:\"{}\"", database_id));
}

void make_secrets(WorkspaceOptions const& options) {
  signing_key(options);
  token_of(options);
}

Workspace::Workspace(WorkspaceOptions options, Computes& computes, Clock clock)
    : options_(std::move(options)),
      computes_(computes),
      clock_(std::move(clock)),
      mint_(signing_key(options_)),
      token_(token_of(options_)),
      store_(options_.folder / "state.json", options_.is_temporary, options_.write_step,
             [this](std::string_view line) { log(line); }) {}

void Workspace::log(std::string_view line) const {
  if (options_.log) options_.log(line);
}

std::shared_ptr<State const> Workspace::state() const {
  std::lock_guard const lock{mutex_};
  return state_;
}

void Workspace::publish(State next) {
  auto published = std::make_shared<State const>(std::move(next));
  std::lock_guard const lock{mutex_};
  state_ = std::move(published);
}

// Under `change_mutex_`.
void Workspace::save(State const& next) {
  try {
    store_.save(next);
  } catch (StateNotSaved const& error) {
    if (!std::exchange(is_failing_, true)) log(error.what());
    throw;
  }
  if (std::exchange(is_failing_, false)) log("The state can be saved again.");
  is_unsaved_ = false;
}

void Workspace::change(std::function<void(State&)> const& function) {
  std::lock_guard const changing{change_mutex_};
  State next = *state();
  function(next);
  save(next);
  publish(std::move(next));
}

// For what the next start would make of the saved state all the same.
void Workspace::settle(std::function<void(State&)> const& function) {
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

Json Workspace::accept(std::function<Work(State&)> const& plan) {
  Work work;
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
    fail(record.name, work, error_of(std::current_exception()), false);
  }
  return shown;
}

void Workspace::start(State& state, Work const& work, OperationRecord& record) {
  record.name = fmt::format("{}/operations/{}", work.target.text(), base64url(random_bytes(15)));
  record.type = type_of(work.target.kind);
  record.witness = work.witness;
  record.heir = work.heir;
  if (!work.check && !work.commits_first) record.chores = work.chores;
  state.operations.push_back(record);
  forget_old_operations(state, now());
  if (auto* const project = find_by_id(state.projects, work.target.project); project != nullptr) {
    project->running_operation = record.name;
  }
}

Json Workspace::operation(std::string const& name) {
  auto const current = state();
  auto const* const found = current->operations.find(name);
  if (found == nullptr) throw not_found("operation not found");
  if (options_.operation_polls == 0) return operation_json(*found, found->done);
  bool const is_old = found->done && found->finish_time.value_or(TimePoint{}) + longest_unpolled <= now();
  std::lock_guard const lock{mutex_};
  if (polls_.size() > 2 * most_operations_kept) polls_.clear();
  bool const was_polled_enough = polls_[name]++ >= options_.operation_polls;
  return operation_json(*found, found->done && (is_old || was_polled_enough));
}

bool Workspace::wait_until_stopped(Duration duration) {
  std::unique_lock lock{mutex_};
  return stopped_.wait_for(lock, duration, [&] { return stopping_; });
}

void Workspace::perform(std::string const& operation_name, Work const& work) {
  if (options_.operation_delay > Duration::zero()) wait_until_stopped(options_.operation_delay);
  work.commits_first ? run_committed(operation_name, work) : run(operation_name, work);
}

void Workspace::run(std::string const& operation_name, Work const& work) {
  bool begun = false;
  try {
    tidy_up_for(work.target);
    if (work.check) {
      work.check();
      change([&](State& next) { operation_in(next, operation_name).chores = work.chores; });
    }
    begun = true;
    if (work.run) work.run();
    complete(operation_name, work);
  } catch (DataPlaneError const& error) {
    bool const refused = !error.sqlstate().empty() && !is_in_doubt(error.sqlstate());
    if (begun && !refused && has_happened(work)) return complete(operation_name, work);
    fail(operation_name, work, error_of(std::current_exception()), begun && !(work.is_one_statement && refused));
  } catch (...) {
    fail(operation_name, work, error_of(std::current_exception()), begun);
  }
}

// Whether what PostgreSQL was to remove is gone, though the session has not lived to tell.
bool Workspace::has_happened(Work const& work) const {
  if (work.witness.empty()) return false;
  auto const current = state();
  return is_gone(live_branch(*current, work.target).uid, work.witness);
}

void Workspace::run_committed(std::string const& operation_name, Work const& work) {
  try {
    change([&](State& next) {
      work.commit(next);
      auto& record = operation_in(next, operation_name);
      record.chores = work.chores;
      record.committed = true;
    });
  } catch (...) {
    fail(operation_name, work, error_of(std::current_exception()), false);
    return;
  }
  try {
    if (work.run) work.run();
  } catch (std::exception const& error) {
    log(fmt::format("{}: {}", operation_name, error.what()));
  }
  auto const left = undone(work.chores, *state());
  settle([&](State& next) {
    next.chores.insert(next.chores.end(), left.begin(), left.end());
    finish(next, operation_name, [](OperationRecord& record) { record.response = empty_response(); });
  });
}

void Workspace::complete(std::string const& operation_name, Work const& work) {
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
      if (wait_until_stopped(pause_before_saving_again)) return;
    }
  }
}

void Workspace::fail(std::string const& operation_name, Work const& work, Json error, bool begun) {
  log(fmt::format("{} failed: {}", operation_name, error.at("message").get<std::string>()));
  std::vector<ChoreRecord> left;
  if (begun) {
    try {
      if (work.undo) work.undo();
    } catch (std::exception const& undo_error) {
      log(fmt::format("{}: cannot undo: {}", operation_name, undo_error.what()));
    }
    left = undone(work.chores, *state());
  }
  settle([&](State& next) {
    if (work.rollback) work.rollback(next);
    next.chores.insert(next.chores.end(), left.begin(), left.end());
    finish(next, operation_name, [&](OperationRecord& record) { record.error = error; });
  });
}

void Workspace::finish(State& state, std::string const& operation_name,
                       std::function<void(OperationRecord&)> const& outcome) const {
  auto& record = operation_in(state, operation_name);
  outcome(record);
  record.done = true;
  record.finish_time = now();
  record.chores.clear();
  record.witness.clear();
  record.heir.clear();
  state.projects.change_if([&](ProjectRecord const& project) { return project.running_operation == operation_name; },
                           [](ProjectRecord& project) { project.running_operation.clear(); });
}

void Workspace::stop() {
  {
    std::lock_guard const lock{mutex_};
    stopping_ = true;
  }
  stopped_.notify_all();
  workers_.finish();
  std::lock_guard const changing{change_mutex_};
  store_.close();
}

}  // namespace lakebase::emulator
