#include "postgres/snapshot.hpp"

#include <algorithm>
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

// The next moment of the branch's schedule; none: nothing is taken of it.
std::optional<TimePoint> next_moment_of(BranchRecord const& branch) {
  if (branch.creating || branch.delete_time) return std::nullopt;
  return next_moment(branch.snapshot_schedule, branch.scheduled_until);
}

// `production-2026-06-01-03`, of the branch and the hour, which is shortened for long ids of branches; numbered if it
// is taken.
std::string scheduled_id(ProjectRecord const& project, BranchRecord const& branch, TimePoint moment) {
  constexpr std::size_t longest_start = 45;
  auto const hour = to_text(moment).substr(0, 13);
  auto const id = fmt::format("{}-{}-{}", branch.id.substr(0, longest_start), hour.substr(0, 10), hour.substr(11));
  auto free = id;
  for (int number = 2; project.snapshots.find(free) != nullptr; ++number) free = fmt::format("{}-{}", id, number);
  return free;
}

/// The one before it, of the same branch; empty: it is the first that is there.
std::string uid_before(ProjectRecord const& project, std::string const& source_branch) {
  std::string uid;
  for (auto const& other : project.snapshots) {
    if (other.source_branch == source_branch && !other.creating) uid = other.uid;
  }
  return uid;
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
  if (snapshot.diff_size) shown["diff_size_bytes"] = *snapshot.diff_size;
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

SnapshotRecord Snapshots::snapshot_of(ProjectRecord const& project, BranchRecord const& source) const {
  SnapshotRecord snapshot;
  snapshot.uid = random_words("snap", workspace_.random());
  snapshot.source_branch = branch_name(project.id, source.id).text();
  snapshot.of_protected = source.is_protected;
  snapshot.create_time = workspace_.now();
  snapshot.creating = true;
  snapshot.roles = source.roles;
  snapshot.databases = source.databases;
  return snapshot;
}

SnapshotRecord Snapshots::new_snapshot(State const& state, ResourceName const& name, Fields const& spec) const {
  auto const& project = live_project(state, name.project());
  auto snapshot = snapshot_of(project, source_of(state, name, spec));
  snapshot.id = name.id();
  snapshot.expire_time = read_expiration(spec, snapshot.create_time, snapshot.create_time, longest_snapshot_life);
  if (project.snapshots.find(snapshot.id) != nullptr) {
    throw already_exists("snapshot with such id already exists in the project");
  }
  auto const by_hand = std::count_if(project.snapshots.begin(), project.snapshots.end(),
                                     [](SnapshotRecord const& other) { return !other.by_schedule; });
  require_room(workspace_.limits().snapshots, static_cast<std::size_t>(by_hand),
               {.whose = "A project", .what = "manual snapshots", .limit = "snapshots"});
  return snapshot;
}

Plan Snapshots::plan_create(State& state, ResourceName const& name, Fields const& spec) {
  auto snapshot = new_snapshot(state, name, spec);
  auto const moment = read_moment(spec, workspace_.now());
  auto const& branch = source_of(state, name, spec);
  require_in_window(moment, window_of(live_project(state, name.project()), branch, workspace_.now()),
                    fmt::format("Source branch '{}'", branch_name(name.project(), branch.id).text()));
  snapshot.is_past = moment.has_value();
  return plan_take(state, name.parent(), std::move(snapshot), branch.uid, moment);
}

Plan Snapshots::plan_take(State& state, ResourceName const& project, SnapshotRecord snapshot, std::string source_uid,
                          std::optional<Moment> const& moment) {
  auto const name = project.child(snapshot_kind, snapshot.id);
  auto const made = std::make_shared<SnapshotRecord>(std::move(snapshot));
  made->sequence = next_sequence(state);
  auto& project_record = live_project(state, name.project());
  auto former = uid_before(project_record, made->source_branch);
  project_record.snapshots.push_back(*made);
  auto plan = plan_for(state, name);
  plan.run = [this, source_uid = std::move(source_uid), former = std::move(former), moment, made] {
    workspace_.computes().copy_branch(source_uid, made->uid, moment);
    made->full_size = workspace_.computes().logical_size(made->uid);
    if (!former.empty()) made->diff_size = workspace_.computes().size_beyond(made->uid, former);
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

// The moment has been seen to once the operation has ended: if the emulator is stopped before, the next start takes the
// snapshot. One that fails is not attempted again.
Plan Snapshots::plan_scheduled(State& state, ResourceName const& branch, Firing const& firing) {
  auto const& project = live_project(state, branch.project());
  auto const& source = live_branch(state, branch);
  auto snapshot = snapshot_of(project, source);
  snapshot.id = scheduled_id(project, source, firing.moment);
  snapshot.expire_time = firing.expire_time;
  snapshot.by_schedule = true;
  auto const until = snapshot.create_time;
  auto plan = plan_take(state, branch.parent(), std::move(snapshot), source.uid, std::nullopt);
  auto const afterwards = [branch, until](auto const& change) {
    return [branch, until, change](State& now) {
      change(now);
      live_branch(now, branch).scheduled_until = until;
    };
  };
  plan.commit = afterwards(plan.commit);
  plan.rollback = afterwards(plan.rollback);
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
      for (auto const& branch : project.branches) take_sooner(soonest, next_moment_of(branch));
    }
    return soonest;
  });
}

void Snapshots::run_due() {
  std::vector<ResourceName> expired;
  std::vector<ResourceName> scheduled;
  workspace_.read([&, now = workspace_.now()](State const& state) {
    for (auto const& project : state.projects) {
      if (project.delete_time) continue;
      for (auto const& snapshot : project.snapshots) {
        if (has_expired(snapshot, now)) expired.push_back(project_name(project.id).child(snapshot_kind, snapshot.id));
      }
      for (auto const& branch : project.branches) {
        if (next_moment_of(branch).value_or(TimePoint::max()) <= now) {
          scheduled.push_back(branch_name(project.id, branch.id));
        }
      }
    }
  });
  for (auto const& name : expired) workspace_.start_if_idle([&] { return expire(name); });
  for (auto const& name : scheduled) workspace_.start_if_idle([&] { return take_scheduled(name); });
}

// What was missed for so long that it would have expired by now is left out.
Json Snapshots::take_scheduled(ResourceName const& branch) {
  auto const firing_in = [&](State const& state) {
    auto const& source = live_branch(state, branch);
    return firing_of(source.snapshot_schedule, source.scheduled_until, workspace_.now());
  };
  auto const firing = firing_in(*workspace_.state());
  if (firing && firing->expire_time <= workspace_.now()) {
    workspace_.change([&](State& state) {
      state.locks.require_free({lock_of(live_project(state, branch.project()))});
      live_branch(state, branch).scheduled_until = workspace_.now();
    });
    return Json::object();
  }
  return workspace_.accept([&](State& state) {
    auto const due = firing_in(state);
    if (!due) throw aborted("No snapshot is due.");
    return plan_scheduled(state, branch, *due);
  });
}

Json Snapshots::expire(ResourceName const& name) {
  return workspace_.accept([&](State& state) {
    if (!has_expired(live_snapshot(state, name), workspace_.now())) throw aborted("The snapshot does not expire.");
    return plan_remove(state, name);
  });
}

}  // namespace lakebase::emulator
