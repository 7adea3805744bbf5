#include "postgres/branch_source.hpp"

#include <fmt/format.h>

#include "postgres/branch_contents.hpp"
#include "postgres/branch_spec.hpp"
#include "postgres/endpoint.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {
ResourceName name_in_project(Fields const& spec, std::string_view field, Kind const& kind, std::string const& project) {
  auto const parsed = parse_name(spec.text(field).value_or(""));
  if (parsed && parsed->is(kind) && parsed->project() == project) return *parsed;
  throw invalid(fmt::format("{} field must point to the {} from the same Project", field, kind.field));
}

BranchRecord const& ready_branch(State const& state, ResourceName const& name) {
  auto const& branch = live_branch(state, name);
  if (branch.creating || branch.resetting)
    throw bad_request(fmt::format("Source branch '{}' is not ready.", name.text()));
  return branch;
}

BranchSource snapshot_source(State const& state, ResourceName const& name) {
  auto const& snapshot = ready_snapshot(state, name);
  return {snapshot.uid,   snapshot.of_protected, {}, name.text(),
          snapshot.roles, snapshot.databases,    {}, snapshot.is_past};
}

BranchSource branch_source(State const& state, ResourceName const& name, std::optional<Moment> const& moment,
                           TimePoint now) {
  auto const& branch = ready_branch(state, name);
  require_in_window(moment, window_of(live_project(state, name.project()), branch, now),
                    fmt::format("Source branch '{}'", name.text()));
  return source_of_branch(branch, moment);
}

BranchSource source_of_branch(BranchRecord const& branch, std::optional<Moment> const& moment) {
  return {branch.uid, branch.is_protected, branch.id, {}, branch.roles, branch.databases, moment, moment.has_value()};
}

BranchSource source_of(State const& state, ResourceName const& branch, Fields const& spec, TimePoint now) {
  auto const& project = live_project(state, branch.project());
  if (spec.text("source_snapshot")) {
    if (spec.text("source_branch") || spec.has("source_branch_time") || spec.text("source_branch_lsn")) {
      throw invalid("'source_snapshot' excludes 'source_branch', 'source_branch_time' and 'source_branch_lsn'.");
    }
    return snapshot_source(state, name_in_project(spec, "source_snapshot", snapshot_kind, project.id));
  }
  auto const name = spec.text("source_branch") ? name_in_project(spec, "source_branch", branch_kind, project.id)
                                               : branch_name(project.id, project.default_branch_id);
  auto source = branch_source(state, name, read_moment(spec, now), now);
  require_no_expiration(ready_branch(state, name), name);
  return source;
}

void inherit(BranchSource const& source, BranchRecord& branch) {
  branch.roles = source.roles;
  branch.databases = source.databases;
  auto const is_of_now = [&](auto& record) { record.create_time = record.update_time = branch.create_time; };
  branch.roles.change_all(is_of_now);
  branch.databases.change_all([&](DatabaseRecord& database) {
    is_of_now(database);
    database.cdf_configs = {};
    database.data_api.reset();
  });
}

void fill_copy(Workspace& workspace, BranchSource const& source, BranchRecord& branch) {
  auto& computes = workspace.computes();
  auto const copied = computes.copy_branch(source.uid, branch.uid, source.moment);
  if (source.snapshot.empty()) branch.source_branch_lsn = copied.lsn;
  if (copied.time) branch.source_branch_time = rounded(*copied.time);
  if (source.is_past) forget_absent(computes, branch);
  if (source.is_protected) {
    auto const present = roles_in(computes, branch.uid);
    if (auto const statements = give_new_passwords(branch, present); !statements.empty()) {
      computes.execute(branch.uid, "postgres", statements);
    }
  }
  open_new(workspace, branch.uid, branch.endpoints.front());
}

}  // namespace lakebase::emulator
