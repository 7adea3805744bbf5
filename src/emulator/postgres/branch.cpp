#include "postgres/branch.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/random.hpp"
#include "engine/paging.hpp"
#include "postgres/branch_contents.hpp"
#include "postgres/branch_source.hpp"
#include "postgres/branch_spec.hpp"
#include "postgres/cleanup.hpp"
#include "postgres/endpoint.hpp"
#include "postgres/registered.hpp"
#include "postgres/resource_routes.hpp"
#include "postgres/update.hpp"

namespace lakebase::emulator {
namespace {

// The branch, soft-deleted or not, of a project that is not soft-deleted.
template <class AnyState>
auto& any_branch(AnyState& state, ResourceName const& name) {
  auto* const branch = live_project(state, name.project()).branches.find(name.branch());
  if (branch == nullptr) throw branch_not_found();
  return *branch;
}

}  // namespace

ServiceError branch_not_found() {
  return not_found("branch id not found");
}

void take_down(Computes& computes, BranchRecord const& branch) {
  std::exception_ptr failure;
  for (auto const& endpoint : branch.endpoints) {
    try {
      computes.remove_endpoint(endpoint.uid);
    } catch (DataPlaneError const&) {
      failure = std::current_exception();  // The others are to be taken down all the same.
    }
  }
  if (failure) std::rethrow_exception(failure);
}

void bring_back(Computes& computes, BranchRecord& branch) {
  branch.endpoints.change_all([&](EndpointRecord& endpoint) { open_fronts(computes, branch.uid, endpoint); });
}

void Branches::routes(Router& router) {
  ResourceRoutes{router, branch_kind}
      .list([this](ResourceName const& project, Call const& call) { return list(project, call.query); })
      .create([this](ResourceName const& project, Call const& call) { return create(project, call); })
      .get([this](ResourceName const& name, Call const&) { return get(name); })
      .update([this](ResourceName const& name, Call const& call) { return update(name, call); })
      .remove([this](ResourceName const& name, Call const& call) { return remove(name, call); })
      .verb("undelete", [this](ResourceName const& name, Call const&) { return undelete(name); })
      .verb("reset", [this](ResourceName const& name, Call const&) { return reset(name); })
      .verb("restore", [this](ResourceName const& name, Call const& call) { return restore(name, call); });
}

// Of the branch's data, from the data plane; none if that cannot tell.
Branches::Size Branches::measured(BranchRecord const& branch) const {
  if (branch.creating) return std::nullopt;
  try {
    return workspace_.computes().logical_size(branch.uid);
  } catch (std::exception const&) {
    return std::nullopt;
  }
}

Json Branches::view(ProjectRecord const& project, BranchRecord const& branch, Size size) const {
  Json json{{"name", branch_name(project.id, branch.id).text()}, {"branch_id", branch.id},
            {"parent", project_name(project.id).text()},         {"uid", branch.uid},
            {"create_time", to_text(branch.create_time)},        {"update_time", to_text(branch.update_time)}};
  std::string const source =
      branch.source_branch_id.empty() ? "" : branch_name(project.id, branch.source_branch_id).text();
  if (workspace_.options().echo_spec) {
    Json& spec = json["spec"];
    spec["is_protected"] = branch.is_protected;
    if (!source.empty()) spec["source_branch"] = source;
    if (!branch.source_snapshot.empty()) spec["source_snapshot"] = branch.source_snapshot;
    if (branch.expire_time) spec["expire_time"] = to_text(*branch.expire_time);
    if (!branch.expire_time) spec["no_expiry"] = true;
  }
  Json& status = json["status"];
  status["branch_id"] = branch.id;
  status["current_state"] = branch.creating      ? "INIT"
                            : branch.resetting   ? "RESETTING"
                            : branch.delete_time ? "DELETED"
                                                 : "READY";
  if (branch.creating || branch.resetting) status["pending_state"] = "READY";
  status["default"] = branch.id == project.default_branch_id;
  status["is_protected"] = branch.is_protected;
  if (!source.empty()) status["source_branch"] = source;
  if (!branch.source_snapshot.empty()) status["source_snapshot"] = branch.source_snapshot;
  if (!branch.source_branch_lsn.empty()) status["source_branch_lsn"] = branch.source_branch_lsn;
  if (branch.source_branch_time) status["source_branch_time"] = to_text(*branch.source_branch_time);
  status["state_change_time"] = to_text(branch.state_change_time);
  if (branch.expire_time) status["expire_time"] = to_text(*branch.expire_time);
  if (branch.delete_time) status["delete_time"] = to_text(*branch.delete_time);
  if (branch.purge_time) status["purge_time"] = to_text(*branch.purge_time);
  if (size) status["logical_size_bytes"] = *size;
  return json;
}

Json Branches::get(ResourceName const& name) const {
  return show(*workspace_.state(), name);
}

Json Branches::show(State const& state, ResourceName const& name) const {
  auto const& branch = any_branch(state, name);
  return view(live_project(state, name.project()), branch, measured(branch));
}

// The response shows the branch with the size that it has after the rest of `run`: a response is made under the state's
// lock, under which nobody may wait for the data plane.
void Branches::respond_with_size(Plan& plan, ResourceName const& name, BranchRecord const& branch) const {
  auto const size = std::make_shared<Size>();
  plan.run = [this, run = std::move(plan.run), branch, size] {
    if (run) run();
    *size = measured(branch);
  };
  plan.response = [this, name, size](State const& now) {
    return view(live_project(now, name.project()), any_branch(now, name), *size);
  };
}

Json Branches::list(ResourceName const& parent, Query const& query) const {
  bool const show_deleted = query.flag("show_deleted");
  Page page{query, workspace_.mint(), fmt::format("{}/branches?{}", parent.text(), show_deleted)};
  auto project = workspace_.read([&](State const& state) { return live_project(state, parent.project()); });
  auto shown = project.branches;
  shown.erase_if([&](BranchRecord const& branch) { return branch.delete_time && !show_deleted; });
  Json items = Json::array();
  for (auto const& branch : page.take(shown)) items.push_back(view(project, branch, measured(branch)));
  return page.response("branches", std::move(items));
}

Json Branches::create(ResourceName const& project, Call const& call) {
  auto const name = branch_name(project.project(), call.query.text("branch_id"));
  check_id(branch_kind, name.branch());
  bool const replace = call.query.flag("replace_existing");
  auto const touched = carried_by(call.fields(), branch_mask());
  auto const spec = call.fields().message("spec");
  return workspace_.accept([&](State& state) {
    auto const* const existing = live_project(state, project.project()).branches.find(name.branch());
    if (!touched.contains("spec.expiration") && !workspace_.options().expiration_optional) {
      throw invalid("Expiration must be specified when creating a branch");
    }
    if (existing == nullptr) return plan_create(state, name, spec, touched);
    if (replace && !existing->delete_time) return plan_change(state, name, spec, touched);
    throw bad_request(traced(fmt::format("branch already exists; branch_name:\"{}\"", name.branch())));
  });
}

void Branches::apply(State const& state, ResourceName const& name, Fields const& spec, Touched const& touched,
                     BranchRecord& branch) const {
  auto const& project = live_project(state, name.project());
  if (touched.contains("spec.is_protected")) {
    branch.is_protected = spec.flag("is_protected").value_or(false);
    check_protection(project, branch, workspace_.limits());
  }
  if (touched.contains("spec.expiration")) {
    branch.expire_time = read_expiration(spec, branch.create_time, workspace_.now(), workspace_.limits().longest_ttl);
  }
  check_expiry(project, branch);
}

BranchRecord Branches::new_branch(State& state, ResourceName const& name, Fields const& spec, Touched const& touched) {
  auto const& project = live_project(state, name.project());
  auto const source = source_of(state, name, spec, workspace_.now());
  BranchRecord branch;
  branch.id = name.branch();
  branch.uid = random_words("br", workspace_.random());
  branch.create_time = branch.update_time = branch.state_change_time = workspace_.now();
  branch.creating = true;
  branch.source_branch_id = source.branch_id;
  branch.source_snapshot = source.snapshot;
  if (source.snapshot.empty()) {
    auto const* const time = source.moment ? std::get_if<TimePoint>(&*source.moment) : nullptr;
    branch.source_branch_time = time == nullptr ? branch.create_time : *time;
  }
  apply(state, name, spec, touched, branch);
  require_room(workspace_.limits().branches, project.branches.size(),
               {.whose = "A project", .what = "branches", .limit = "branches"});
  check_branch_room(project, branch, workspace_.limits());
  require_active_room(workspace_, project);
  branch.sequence = next_sequence(state);
  branch.endpoints.push_back(primary_endpoint(state, workspace_.random(), project.defaults, branch.create_time));
  inherit(source, branch);
  return branch;
}

Plan Branches::plan_create(State& state, ResourceName const& name, Fields const& spec, Touched const& touched) {
  auto const source = source_of(state, name, spec, workspace_.now());
  auto const branch = new_branch(state, name, spec, touched);
  live_project(state, name.project()).branches.push_back(branch);
  auto const made = std::make_shared<BranchRecord>(branch);
  auto plan = plan_for(state, name);
  plan.run = [this, source, made] { fill_copy(workspace_, source, *made); };
  plan.commit = [this, name, made](State& now) {
    made->creating = false;
    made->endpoints.front().creating = false;
    made->state_change_time = workspace_.now();
    live_branch(now, name) = *made;
  };
  plan.cleanups = {removal_of_branch(made->uid)};
  plan.rollback = [name](State& now) { live_project(now, name.project()).branches.erase(name.branch()); };
  auto filled = *made;
  filled.creating = false;
  respond_with_size(plan, name, filled);
  return plan;
}

Json Branches::update(ResourceName const& name, Call const& call) {
  return workspace_.accept([&](State& state) {
    live_branch(state, name);
    return plan_change(state, name, call.fields().message("spec"), touched_by_update(workspace_, call, branch_mask()));
  });
}

Plan Branches::plan_change(State& state, ResourceName const& name, Fields const& spec, Touched const& touched) {
  BranchRecord wanted = live_branch(state, name);
  apply(state, name, spec, touched, wanted);
  auto plan = plan_for(state, name);
  plan.commit = [this, name, wanted](State& now) {
    auto& branch = live_branch(now, name);
    branch.is_protected = wanted.is_protected;
    branch.expire_time = wanted.expire_time;
    branch.update_time = workspace_.now();
  };
  respond_with_size(plan, name, wanted);
  return plan;
}

Json Branches::remove(ResourceName const& name, Call const& call) {
  bool const purge = call.query.flag("purge");
  bool const allow_missing = call.query.flag("allow_missing");
  return workspace_.accept([&](State& state) {
    auto const& project = live_project(state, name.project());
    auto const* const branch = project.branches.find(name.branch());
    if (branch == nullptr || (branch->delete_time && !purge)) {
      if (!allow_missing) throw branch_not_found();
      return plan_for(state, name);
    }
    if (branch->is_protected) throw bad_request("cannot delete protected branch");
    if (branch->source_branch_id.empty() && branch->source_snapshot.empty()) {
      throw bad_request(
          fmt::format("Cannot delete root branch '{}'. Root branches cannot be deleted independently.", name.text()),
          managed_by_parent());
    }
    if (branch->id == project.default_branch_id) throw bad_request("cannot delete the default branch");
    if (has_children(project, *branch)) throw bad_request("cannot delete a branch that has children");
    return purge ? plan_purge(state, name) : plan_soft_delete(state, name);
  });
}

Plan Branches::plan_soft_delete(State& state, ResourceName const& name) {
  auto plan = plan_for(state, name);
  plan.commits_first = true;
  plan.cleanups = take_down_of_deleted(live_branch(state, name));
  plan.commit = [this, name](State& now) {
    auto& branch = any_branch(now, name);
    branch.delete_time = branch.state_change_time = workspace_.now();
    branch.purge_time = *branch.delete_time + soft_deletion_time;
    unregister_all(branch);
  };
  return plan;
}

Plan Branches::plan_purge(State& state, ResourceName const& name) {
  auto plan = plan_for(state, name);
  plan.commits_first = true;
  plan.cleanups = {removal_of_branch(any_branch(state, name).uid)};
  plan.commit = [name](State& now) { live_project(now, name.project()).branches.erase(name.branch()); };
  return plan;
}

Json Branches::reset(ResourceName const& name) {
  return workspace_.accept([&](State& state) {
    auto const& branch = ready_branch(state, name);
    if (branch.source_branch_id.empty()) {
      throw bad_request(fmt::format("Branch '{}' is a root branch: it has no parent to reset it from.", name.text()));
    }
    auto const parent = branch_name(name.project(), branch.source_branch_id);
    return plan_replace(state, name, branch_source(state, parent, std::nullopt, workspace_.now()));
  });
}

Json Branches::restore(ResourceName const& name, Call const& call) {
  auto const body = call.fields();
  return workspace_.accept([&](State& state) {
    auto const now = workspace_.now();
    ready_branch(state, name);
    auto const moment = read_moment(body, now);
    bool const from_snapshot = body.text("source_snapshot").has_value();
    if (from_snapshot == moment.has_value()) {
      throw invalid("Exactly one of 'source_branch_time', 'source_branch_lsn' and 'source_snapshot' must be set.");
    }
    auto const source =
        from_snapshot ? snapshot_source(state, name_in_project(body, "source_snapshot", snapshot_kind, name.project()))
                      : branch_source(state, name, moment, now);
    return plan_replace(state, name, source);
  });
}

// Endpoints and roles stay.
Plan Branches::plan_replace(State& state, ResourceName const& name, BranchSource const& source) {
  auto const& project = live_project(state, name.project());
  auto& branch = live_branch(state, name);
  if (branch.is_protected) throw bad_request(fmt::format("Branch '{}' is protected.", name.text()));
  if (has_children(project, branch)) throw bad_request(fmt::format("Branch '{}' has children.", name.text()));
  branch.resetting = true;
  branch.state_change_time = workspace_.now();
  auto const wanted = std::make_shared<BranchRecord>(branch);
  auto plan = plan_for(state, name);
  plan.run = [this, wanted, source] {
    auto& computes = workspace_.computes();
    auto const copied = computes.replace_data(wanted->uid, source.uid, source.moment);
    wanted->data_time = workspace_.now();
    if (!source.branch_id.empty() && source.branch_id != wanted->id) {
      wanted->source_branch_lsn = copied.lsn;
      wanted->source_branch_time = wanted->data_time;
    }
    put_roles_back(computes, source, *wanted);
  };
  plan.commit = [this, name, wanted](State& now) {
    wanted->resetting = false;
    wanted->update_time = wanted->state_change_time = workspace_.now();
    live_branch(now, name) = *wanted;
  };
  plan.rollback = [this, name](State& now) {
    auto& left = live_branch(now, name);
    left.resetting = false;
    left.state_change_time = workspace_.now();
  };
  auto shown = *wanted;
  shown.resetting = false;
  respond_with_size(plan, name, shown);
  return plan;
}

Json Branches::undelete(ResourceName const& name) {
  return workspace_.accept([&](State& state) {
    auto const branch = any_branch(state, name);
    if (!branch.delete_time) throw bad_request(fmt::format("Branch '{}' is not deleted.", name.text()));
    if (!branch.source_branch_id.empty()) {
      auto const source = branch_name(name.project(), branch.source_branch_id);
      require_no_expiration(live_branch(state, source), source);
    }
    check_branch_room(live_project(state, name.project()), branch, workspace_.limits());
    check_protection(live_project(state, name.project()), branch, workspace_.limits());
    auto const back = std::make_shared<BranchRecord>(branch);
    auto plan = plan_for(state, name);
    plan.run = [this, back] { bring_back(workspace_.computes(), *back); };
    plan.commit = [this, name, back](State& now) {
      // Else the next sweep would remove again what somebody wants back.
      if (back->expire_time && *back->expire_time <= workspace_.now()) back->expire_time.reset();
      back->delete_time.reset();
      back->purge_time.reset();
      back->update_time = back->state_change_time = back->scheduled_until = workspace_.now();
      any_branch(now, name) = *back;
    };
    plan.undo = [this, back] { take_down(workspace_.computes(), *back); };
    return plan;
  });
}

std::optional<TimePoint> Branches::next_due() const {
  return workspace_.read([](State const& state) {
    std::optional<TimePoint> soonest;
    for (auto const& project : state.projects) {
      if (project.delete_time) continue;
      for (auto const& branch : project.branches) {
        take_sooner(soonest, branch.delete_time ? branch.purge_time : branch.expire_time);
      }
    }
    return soonest;
  });
}

void Branches::run_due() {
  std::vector<ResourceName> expired;
  std::vector<ResourceName> purged;
  workspace_.read([&, now = workspace_.now()](State const& state) {
    for (auto const& project : state.projects) {
      if (project.delete_time) continue;
      for (auto const& branch : project.branches) {
        auto const name = branch_name(project.id, branch.id);
        if (branch.purge_time && *branch.purge_time <= now) purged.push_back(name);
        if (!branch.delete_time && branch.expire_time && *branch.expire_time <= now) expired.push_back(name);
      }
    }
  });
  for (auto const& name : expired) workspace_.start_if_idle([&] { return expire(name); });
  for (auto const& name : purged) workspace_.start_if_idle([&] { return purge(name); });
}

Json Branches::expire(ResourceName const& name) {
  return workspace_.accept([&](State& state) {
    auto const& branch = live_branch(state, name);
    auto const& project = live_project(state, name.project());
    if (!branch.expire_time || *branch.expire_time > workspace_.now()) throw aborted("The branch does not expire.");
    check_expiry(project, branch);
    return plan_purge(state, name);
  });
}

Json Branches::purge(ResourceName const& name) {
  return workspace_.accept([&](State& state) {
    auto const& branch = any_branch(state, name);
    if (!branch.purge_time || *branch.purge_time > workspace_.now()) throw aborted("The branch stays.");
    return plan_purge(state, name);
  });
}

}  // namespace lakebase::emulator
