#include "postgres/project.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/random.hpp"
#include "engine/paging.hpp"
#include "postgres/branch.hpp"
#include "postgres/cleanup.hpp"
#include "postgres/compute_rules.hpp"
#include "postgres/endpoint.hpp"
#include "postgres/project_life.hpp"
#include "postgres/project_spec.hpp"
#include "postgres/registered.hpp"
#include "postgres/resource_routes.hpp"
#include "postgres/update.hpp"

namespace lakebase::emulator {
namespace {

void require_unprotected(ProjectRecord const& project) {
  for (auto const& branch : project.branches) {
    if (branch.is_protected && !branch.delete_time) {
      throw bad_request(fmt::format("cannot delete project '{}': its branch '{}' is protected", project.id, branch.id));
    }
  }
}

constexpr std::int64_t branch_size_limit = 8'796'093'022'208;

}  // namespace

ServiceError project_not_found() {
  return not_found("project id not found");
}

void Projects::routes(Router& router) {
  ResourceRoutes{router, project_kind}
      .list([this](ResourceName const&, Call const& call) { return list(call); })
      .create([this](ResourceName const&, Call const& call) { return create(call); })
      .get([this](ResourceName const& name, Call const&) { return get(name); })
      .update([this](ResourceName const& name, Call const& call) { return update(name, call); })
      .remove([this](ResourceName const& name, Call const& call) { return remove(name, call); })
      .verb("undelete", [this](ResourceName const& name, Call const&) { return undelete(name); });
}

std::optional<TimePoint> Projects::last_active(ProjectRecord const& project) const {
  std::optional<TimePoint> latest;
  for (auto const& branch : project.branches) {
    for (auto const& endpoint : branch.endpoints) {
      auto const compute = status_of(workspace_.computes(), endpoint);
      if (compute && compute->last_active.time_since_epoch().count() != 0) {
        latest = std::max(latest.value_or(TimePoint{}), TimePoint{compute->last_active});
      }
    }
  }
  return latest;
}

Json Projects::view(ProjectRecord const& project) const {
  Json json{{"name", project_name(project.id).text()},
            {"project_id", project.id},
            {"uid", project.uid},
            {"create_time", to_text(project.create_time)},
            {"update_time", to_text(project.update_time)}};
  if (project.delete_time) json["delete_time"] = to_text(*project.delete_time);
  if (project.purge_time) json["purge_time"] = to_text(*project.purge_time);
  if (workspace_.options().echo_spec) put_project_settings(json["spec"], project);
  Json& status = json["status"];
  status["project_id"] = project.id;
  put_project_settings(status, project);
  if (project.running_pg_version != 0) status["pg_version"] = project.running_pg_version;
  status["owner"] = project.owner;
  status["branch_logical_size_limit_bytes"] = branch_size_limit;
  status["synthetic_storage_size_bytes"] = history_size(project);
  if (auto const latest = last_active(project)) status["compute_last_active_time"] = to_text(rounded(*latest));
  return json;
}

// What the past of its branches takes.
std::int64_t Projects::history_size(ProjectRecord const& project) const {
  std::int64_t size = 0;
  for (auto const& branch : project.branches) size += workspace_.computes().history_size(branch.uid);
  return size;
}

Json Projects::get(ResourceName const& name) const {
  return show(*workspace_.state(), name);
}

Json Projects::show(State const& state, ResourceName const& name) const {
  return view(any_project(state, name));
}

Json Projects::list(Call const& call) const {
  bool const show_deleted = call.query.flag("show_deleted");
  Page page{call.query, workspace_.mint(), fmt::format("projects?{}", show_deleted)};
  auto const shown = workspace_.read([&](State const& state) {
    std::vector<ProjectRecord> projects;
    std::copy_if(state.projects.begin(), state.projects.end(), std::back_inserter(projects),
                 [&](ProjectRecord const& project) {
                   return is_project(project) && (!project.delete_time || show_deleted) &&
                          is_permitted(workspace_.options(), project, call.caller, PermissionLevel::can_use);
                 });
    return page.take(projects);
  });
  Json items = Json::array();
  for (auto const& project : shown) items.push_back(view(project));
  return page.response("projects", std::move(items));
}

ProjectRecord Projects::new_project(State& state, std::string const& id, Call const& call) const {
  auto const body = call.fields();
  auto const spec = body.message("spec");
  ProjectRecord project;
  project.id = project.display_name = id;
  project.uid = random_uuid(workspace_.random());
  project.owner = call.caller.name;
  project.default_branch_id = "production";
  project.create_time = project.update_time = workspace_.now();
  project.creating = true;
  auto const asked = read_pg_version(spec);
  project.running_pg_version = choose_version(workspace_.computes().server_versions(), asked);
  project.pg_version = asked.value_or(static_cast<int>(project.running_pg_version));
  apply(spec, carried_by(body, project_mask()), workspace_.limits(), project);
  project.compute_provisioner = spec.text("compute_provisioner");
  if (auto const branch = spec.text("default_branch"); branch && *branch != branch_name(id, "production").text()) {
    throw invalid(fmt::format("Field '{}' can only be '{}' when a project is created.", spec.path_of("default_branch"),
                              branch_name(id, "production").text()));
  }
  project.branches.push_back(first_branch(workspace_, state, project, body, call.caller));
  project.sequence = next_sequence(state);
  return project;
}

Json Projects::create(Call const& call) {
  auto const id = call.query.text("project_id");
  check_id(project_kind, id);
  return workspace_.accept([&](State& state) {
    if (state.projects.find(id) != nullptr) {
      throw already_exists("project with such id already exists in the workspace");
    }
    auto project = new_project(state, id, call);
    auto const present = std::count_if(state.projects.begin(), state.projects.end(), is_project);
    require_room(workspace_.limits().projects, static_cast<std::size_t>(present),
                 {.whose = "A workspace", .what = "projects", .limit = "projects"});
    return plan_create(state, std::move(project));
  });
}

void Projects::tell_version(ProjectRecord const& project) const {
  if (project.pg_version == project.running_pg_version) return;
  workspace_.log(fmt::format(
      "project {} runs PostgreSQL {}, because the requested PostgreSQL {} was not found; name the folder of its "
      "programs by --postgres-bin or in LAKEBASE_POSTGRES_BIN",
      project.id, project.running_pg_version, project.pg_version));
}

Plan Projects::plan_create(State& state, ProjectRecord project) {
  auto const name = project_name(project.id);
  auto plan = plan_new_project(workspace_, state, std::move(project), [this](ProjectRecord& made) {
    tell_version(made);
    fill_first_branch(workspace_, made);
  });
  plan.response = [this, name](State const& now) { return show(now, name); };
  return plan;
}

Json Projects::update(ResourceName const& name, Call const& original) {
  auto const call = with_real_paths(original);
  auto const spec = call.fields().message("spec");
  return workspace_.accept([&](State& state) {
    ProjectRecord wanted = live_project(state, name.project());
    auto const touched = touched_by_update(workspace_, call, project_mask());
    auto const version = touched.contains("spec.pg_version") ? read_pg_version(spec) : std::nullopt;
    if (version && *version != wanted.pg_version && *version != wanted.running_pg_version) {
      throw invalid(fmt::format("Field '{}' cannot be changed.", spec.path_of("pg_version")));
    }
    apply(spec, touched, workspace_.limits(), wanted);
    if (touched.contains("spec.default_branch")) wanted.default_branch_id = read_default_branch(spec, wanted);
    auto plan = plan_for(state, name);
    plan.commit = [this, name, wanted](State& now) {
      auto& project = live_project(now, name.project());
      project = wanted;
      project.update_time = workspace_.now();
    };
    plan.response = [this, name](State const& now) { return show(now, name); };
    return plan;
  });
}

Json Projects::remove(ResourceName const& name, Call const& call) {
  bool const purge = call.query.flag("purge");
  return workspace_.accept([&](State& state) {
    auto const& project = any_project(state, name);
    if (project.delete_time && !purge) throw project_not_found();
    require_unprotected(project);
    return purge ? plan_purge_of_projects(state, {project.id}) : plan_soft_delete(state, name);
  });
}

Plan Projects::plan_soft_delete(State& state, ResourceName const& name) {
  auto plan = plan_for(state, name);
  plan.commits_first = true;
  for (auto const& branch : live_project(state, name.project()).branches) {
    if (branch.delete_time) continue;
    auto const cleanups = take_down_of_deleted(branch);
    plan.cleanups.insert(plan.cleanups.end(), cleanups.begin(), cleanups.end());
  }
  plan.commit = [this, name](State& now) {
    auto& project = any_project(now, name);
    project.delete_time = workspace_.now();
    project.purge_time = *project.delete_time + soft_deletion_time;
    project.branches.change_all(unregister_all);
  };
  return plan;
}

Json Projects::undelete(ResourceName const& name) {
  return workspace_.accept([&](State& state) {
    auto const project = any_project(state, name);
    if (!project.delete_time) throw bad_request(fmt::format("Project '{}' is not deleted.", project.id));
    auto const back = std::make_shared<ProjectRecord>(project);
    auto plan = plan_for(state, name);
    plan.run = [this, back] {
      back->branches.change_if([](BranchRecord const& branch) { return !branch.delete_time; },
                               [this](BranchRecord& branch) { bring_back(workspace_.computes(), branch); });
    };
    plan.commit = [this, name, back](State& now) {
      back->delete_time.reset();
      back->purge_time.reset();
      back->update_time = workspace_.now();
      back->branches.change_all([&](BranchRecord& branch) { branch.scheduled_until = back->update_time; });
      any_project(now, name) = *back;
    };
    plan.undo = [this, back] {
      for (auto const& branch : back->branches) take_down(workspace_.computes(), branch);
    };
    return plan;
  });
}

std::optional<TimePoint> Projects::next_due() const {
  return workspace_.read([](State const& state) {
    std::optional<TimePoint> soonest;
    for (auto const& project : state.projects) take_sooner(soonest, project.purge_time);
    return soonest;
  });
}

void Projects::run_due() {
  std::vector<ResourceName> due;
  workspace_.read([&, now = workspace_.now()](State const& state) {
    for (auto const& project : state.projects) {
      if (project.purge_time && *project.purge_time <= now) due.push_back(project_name(project.id));
    }
  });
  for (auto const& name : due) workspace_.start_if_idle([&] { return purge(name); });
}

Json Projects::purge(ResourceName const& name) {
  return workspace_.accept([&](State& state) {
    auto const& project = any_project(state, name);
    if (!project.purge_time || *project.purge_time > workspace_.now()) throw aborted("The project stays.");
    return plan_purge_of_projects(state, {project.id});
  });
}

}  // namespace lakebase::emulator
