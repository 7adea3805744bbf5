#include "postgres/workspace.hpp"

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
      secrets_(kept_secrets(options_.folder, options_.token)),
      mint_(secrets_.signing_key),
      recovery_(computes_, options_.log),
      engine_({.file = options_.folder / "state.json",
               .is_temporary = options_.is_temporary,
               .operation_delay = options_.operation_delay,
               .operation_polls = options_.operation_polls,
               .now = [this] { return now(); },
               .log = options_.log,
               .write_step = options_.write_step},
              recovery_) {}

void Workspace::start_if_idle(std::function<void()> const& start) const {
  try {
    start();
  } catch (StateNotSaved const&) {
    // The state has logged it, once for all that fails until it can be saved again.
  } catch (ServiceError const& error) {
    if (error.code() != "ABORTED") log(fmt::format("What is due cannot be started: {}", error.what()));
  }
}

Plan plan_for(ResourceName const& name) {
  Plan plan;
  plan.target = name.text();
  plan.type = name.kind().type;
  plan.lock = name.project();
  return plan;
}

void require_idle(State const& state, std::string const& project_id) {
  if (state.locks.is_free(project_id)) return;
  throw aborted(fmt::format("Another operation is running on project '{}'; try again when it is done.", project_id));
}

}  // namespace lakebase::emulator
