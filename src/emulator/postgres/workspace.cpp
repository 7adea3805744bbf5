#include "postgres/workspace.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/engine_functions.hpp"

namespace lakebase::emulator {
namespace {

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
      caretaker_(computes_, options_.log),
      engine_({.file = options_.folder / "state.json",
               .is_temporary = options_.is_temporary,
               .operation_delay = options_.operation_delay,
               .operation_polls = options_.operation_polls,
               .now = [this] { return now(); },
               .log = options_.log,
               .write_step = options_.write_step},
              caretaker_) {}

ComputeSettings settings_of(EndpointRecord const& endpoint) {
  ComputeSettings settings;
  settings.read_only = endpoint.read_only;
  settings.suspend_after = endpoint.compute.suspend_after;
  settings.disabled = endpoint.disabled;
  settings.max_connections = max_connections(endpoint.compute.max_cu);
  settings.pg_settings = endpoint.compute.pg_settings;
  return settings;
}

Work work_on(ResourceName const& name) {
  Work work;
  work.target = name.text();
  work.type = type_of(name.kind);
  work.lock = name.project;
  return work;
}

void require_idle(State const& state, std::string const& project_id) {
  if (state.locks.is_free(project_id)) return;
  throw aborted(fmt::format("Another operation is running on project '{}'; try again when it is done.", project_id));
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

}  // namespace lakebase::emulator
