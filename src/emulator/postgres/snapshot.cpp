#include "postgres/snapshot.hpp"

#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "common/random.hpp"
#include "engine/paging.hpp"
#include "postgres/branch_source.hpp"
#include "postgres/branch_spec.hpp"
#include "postgres/cleanup.hpp"
#include "postgres/resource_routes.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {
namespace {

// The service documents no bound. This one keeps sums within what a time can hold.
constexpr Duration longest_snapshot_life = std::chrono::hours{100 * 365 * 24};

ServiceError snapshot_not_found() {
  return not_found("snapshot id not found");
}

template <class AnyState>
auto& live_snapshot(AnyState& state, ResourceName const& name) {
  auto* const snapshot = live_project(state, name.project()).snapshots.find(name.id());
  if (snapshot == nullptr) throw snapshot_not_found();
  return *snapshot;
}

bool has_expired(SnapshotRecord const& snapshot, TimePoint now) {
  return snapshot.expire_time && *snapshot.expire_time <= now;
}

}  // namespace

SnapshotRecord const& ready_snapshot(State const& state, ResourceName const& name) {
  auto const& snapshot = live_snapshot(state, name);
  if (snapshot.creating) throw bad_request(fmt::format("Snapshot '{}' is not ready.", name.text()));
  return snapshot;
}

void Snapshots::routes(Router& router) {
  ResourceRoutes{router, snapshot_kind}
      .list([this](ResourceName const& project, Call const& call) { return list(project, call.query); })
      .create([this](ResourceName const& project, Call const& call) { return create(project, call); })
      .get([this](ResourceName const& name, Call const&) { return get(name); })
      .remove([this](ResourceName const& name, Call const&) { return remove(name); });
}

Json Snapshots::view(ProjectRecord const& project, SnapshotRecord const& snapshot) const {
  Json json{{"name", project_name(project.id).child(snapshot_kind, snapshot.id).text()},
            {"snapshot_id", snapshot.id},
            {"uid", snapshot.uid},
            {"create_time", to_text(snapshot.create_time)}};
  Json shown{{"source_branch", snapshot.source_branch}};
  if (snapshot.expire_time) shown["expire_time"] = to_text(*snapshot.expire_time);
  if (!snapshot.expire_time) shown["no_expiry"] = true;
  if (workspace_.options().echo_spec) json["spec"] = shown;
  if (snapshot.full_size) shown["full_size_bytes"] = *snapshot.full_size;
  json["status"] = std::move(shown);
  return json;
}

Json Snapshots::get(ResourceName const& name) const {
  return show(*workspace_.state(), name);
}

Json Snapshots::show(State const& state, ResourceName const& name) const {
  return view(live_project(state, name.project()), live_snapshot(state, name));
}

Json Snapshots::list(ResourceName const& parent, Query const& query) const {
  Page page{query, workspace_.mint(), parent.text() + "/snapshots"};
  auto const project = workspace_.read([&](State const& state) { return live_project(state, parent.project()); });
  Json items = Json::array();
  for (auto const& snapshot : page.take(project.snapshots)) items.push_back(view(project, snapshot));
  return page.response("snapshots", std::move(items));
}

Json Snapshots::create(ResourceName const& project, Call const& call) {
  auto const name = project.child(snapshot_kind, call.query.text("snapshot_id"));
  check_id(snapshot_kind, name.id());
  Json const document{{"snapshot", call.body}};
  auto const spec = Fields{document}.message("snapshot").message("spec");
  return workspace_.accept([&](State& state) { return plan_create(state, name, spec); });
}

BranchRecord const& Snapshots::source_of(State const& state, ResourceName const& name, Fields const& spec) const {
  if (!spec.text("source_branch")) throw required_field(spec.path_of("source_branch"));
  auto const source = name_in_project(spec, "source_branch", branch_kind, name.project());
  auto const& branch = ready_branch(state, source);
  if (!branch.source_branch_id.empty()) {
    throw bad_request(fmt::format(
        "Source branch '{}' is not a root branch; snapshots can be taken of root branches only.", source.text()));
  }
  return branch;
}

SnapshotRecord Snapshots::new_snapshot(State const& state, ResourceName const& name, Fields const& spec) const {
  auto const& project = live_project(state, name.project());
  auto const& source = source_of(state, name, spec);
  SnapshotRecord snapshot;
  snapshot.id = name.id();
  snapshot.uid = random_words("snap", workspace_.random());
  snapshot.source_branch = branch_name(project.id, source.id).text();
  snapshot.of_protected = source.is_protected;
  snapshot.create_time = workspace_.now();
  snapshot.creating = true;
  snapshot.expire_time = read_expiration(spec, snapshot.create_time, snapshot.create_time, longest_snapshot_life);
  snapshot.roles = source.roles;
  snapshot.databases = source.databases;
  if (project.snapshots.find(snapshot.id) != nullptr) {
    throw already_exists("snapshot with such id already exists in the project");
  }
  require_room(workspace_.limits().snapshots, project.snapshots.size(),
               {.whose = "A project", .what = "manual snapshots", .limit = "snapshots"});
  return snapshot;
}

Plan Snapshots::plan_create(State& state, ResourceName const& name, Fields const& spec) {
  auto const made = std::make_shared<SnapshotRecord>(new_snapshot(state, name, spec));
  auto const moment = read_moment(spec, workspace_.now(), "snapshots");
  made->sequence = next_sequence(state);
  live_project(state, name.project()).snapshots.push_back(*made);
  auto plan = plan_for(state, name);
  plan.run = [this, source = source_of(state, name, spec).uid, moment, made] {
    workspace_.computes().copy_branch(source, made->uid, moment);
    made->full_size = workspace_.computes().logical_size(made->uid);
  };
  plan.commit = [name, made](State& now) {
    made->creating = false;
    live_snapshot(now, name) = *made;
  };
  plan.cleanups = {removal_of_branch(made->uid)};
  plan.rollback = [name](State& now) { live_project(now, name.project()).snapshots.erase(name.id()); };
  plan.response = [this, name](State const& now) { return show(now, name); };
  return plan;
}

Json Snapshots::remove(ResourceName const& name) {
  return workspace_.accept([&](State& state) { return plan_remove(state, name); });
}

Plan Snapshots::plan_remove(State& state, ResourceName const& name) {
  auto plan = plan_for(state, name);
  plan.commits_first = true;
  plan.cleanups = {removal_of_branch(live_snapshot(state, name).uid)};
  plan.commit = [name](State& now) { live_project(now, name.project()).snapshots.erase(name.id()); };
  return plan;
}

std::optional<TimePoint> Snapshots::next_due() const {
  return workspace_.read([](State const& state) {
    std::optional<TimePoint> soonest;
    for (auto const& project : state.projects) {
      if (project.delete_time) continue;
      for (auto const& snapshot : project.snapshots) take_sooner(soonest, snapshot.expire_time);
    }
    return soonest;
  });
}

void Snapshots::run_due() {
  std::vector<ResourceName> expired;
  workspace_.read([&, now = workspace_.now()](State const& state) {
    for (auto const& project : state.projects) {
      if (project.delete_time) continue;
      for (auto const& snapshot : project.snapshots) {
        if (has_expired(snapshot, now)) expired.push_back(project_name(project.id).child(snapshot_kind, snapshot.id));
      }
    }
  });
  for (auto const& name : expired) workspace_.start_if_idle([&] { return expire(name); });
}

Json Snapshots::expire(ResourceName const& name) {
  return workspace_.accept([&](State& state) {
    if (!has_expired(live_snapshot(state, name), workspace_.now())) throw aborted("The snapshot does not expire.");
    return plan_remove(state, name);
  });
}

}  // namespace lakebase::emulator
