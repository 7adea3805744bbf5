#include "postgres/workspace.hpp"

#include <utility>

#include <fmt/format.h>

#include "engine/engine_functions.hpp"

namespace lakebase::emulator {
namespace {

WorkspaceOptions with_a_log(WorkspaceOptions options) {
  if (!options.log) options.log = [](std::string_view) {};
  return options;
}

}  // namespace

template class Engine<State>;

Workspace::Workspace(WorkspaceOptions options, Computes& computes, Clock clock)
    : options_(with_a_log(std::move(options))),
      computes_(computes),
      clock_(std::move(clock)),
      secrets_(kept_secrets(options_.folder, options_.token, options_.is_temporary)),
      mint_(secrets_.signing_key),
      recovery_(computes_, options_.log),
      engine_({.file = options_.folder / "state.json",
               .is_temporary = options_.is_temporary,
               .operation_delay = options_.operation_delay,
               .operation_polls = options_.operation_polls,
               .now = [this] { return now(); },
               .random = options_.random,
               .log = options_.log,
               .write_step = options_.write_step},
              recovery_) {}

void Workspace::settle(std::string const& project_id) {
  auto const current = state();
  std::vector<Lock> const locks{lock_of(live_project(*current, project_id))};
  current->locks.require_free(locks);
  engine_.clean_up_for(locks);
}

void Workspace::finish(Json const& started) {
  auto const operation = engine_.await(started.at("name").get<std::string>());
  if (auto const error = operation.find("error"); error != operation.end()) throw error_in(*error);
}

void Workspace::start_if_idle(std::function<Json()> const& start) {
  try {
    auto const operation = start();
    std::lock_guard const lock{due_mutex_};
    forget_done();
    due_operations_.push_back(operation.value("name", ""));
  } catch (StateNotSaved const&) {
    // The state has logged it, once for all that fails until it can be saved again.
  } catch (ServiceError const& error) {
    if (error.code() != "ABORTED") return log(fmt::format("What is due cannot be started: {}", error.what()));
    std::lock_guard const lock{due_mutex_};
    put_off_ = true;
  }
}

bool Workspace::is_at_work() {
  std::lock_guard const lock{due_mutex_};
  forget_done();
  return std::exchange(put_off_, false) || !due_operations_.empty();
}

// Under the lock.
void Workspace::forget_done() {
  auto const current = state();
  std::erase_if(due_operations_, [&](std::string const& name) {
    auto const* const operation = current->operations.find(name);
    return operation == nullptr || operation->done;
  });
}

// By its uid: the id of a project that is being purged is free for another one.
Lock lock_of(ProjectRecord const& project) {
  return {project.uid, is_project(project) ? fmt::format("project '{}'", project.id)
                                           : fmt::format("database instance '{}'", project.instance->name)};
}

Plan plan_for(State const& state, ResourceName const& name) {
  Plan plan;
  plan.target = name.text();
  plan.metadata =
      Json{{"@type", fmt::format("type.googleapis.com/databricks.postgres.v1.{}OperationMetadata", name.kind().type)}};
  plan.response = [](State const&) { return empty_response(); };
  if (auto const* const project = state.projects.find(name.project())) plan.locks.push_back(lock_of(*project));
  return plan;
}

Json empty_response() {
  return Json{{"@type", "type.googleapis.com/google.protobuf.Empty"}};
}

}  // namespace lakebase::emulator
