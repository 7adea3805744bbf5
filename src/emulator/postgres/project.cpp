#include "postgres/project.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/random.hpp"
#include "engine/paging.hpp"
#include "postgres/branch.hpp"
#include "postgres/cleanup.hpp"
#include "postgres/compute_rules.hpp"
#include "postgres/database.hpp"
#include "postgres/endpoint.hpp"
#include "postgres/project_spec.hpp"
#include "postgres/registered.hpp"
#include "postgres/resource_routes.hpp"
#include "postgres/role_sql.hpp"
#include "postgres/update.hpp"

namespace lakebase::emulator {
namespace {

template <class AnyState>
auto& any_project(AnyState& state, ResourceName const& name) {
  auto* const project = state.projects.find(name.project());
  if (project == nullptr) throw project_not_found();
  return *project;
}

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
                   return (!project.delete_time || show_deleted) &&
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
  project.branches.push_back(production(state, project, call));
  project.sequence = next_sequence(state);
  return project;
}

BranchRecord Projects::production(State& state, ProjectRecord const& project, Call const& call) const {
  auto const body = call.fields();
  BranchRecord branch;
  branch.id = project.default_branch_id;
  branch.uid = random_words("br", workspace_.random());
  branch.create_time = branch.update_time = branch.state_change_time = project.create_time;
  branch.creating = true;
  branch.is_protected = body.message("initial_branch_spec").flag("is_protected").value_or(false);
  branch.sequence = next_sequence(state);
  branch.endpoints.push_back(
      primary_endpoint(state, workspace_.random(),
                       initial_compute(project.defaults, body.message("initial_endpoint_spec"), workspace_.limits()),
                       branch.create_time));
  branch.endpoints.front().readable_secondaries = read_readable_secondaries(body.message("initial_endpoint_spec"));

  RoleRecord role = body.has("initial_role_spec")
                        ? role_from_spec(workspace_.options(), body.message("initial_role_spec"), call.caller.name)
                        : role_of_caller(call.caller);
  role.sequence = next_sequence(state);
  role.id = id_for_role(role, workspace_.random());
  role.create_time = role.update_time = branch.create_time;
  give_password(role);

  DatabaseRecord database;
  database.postgres_database = database_name_from_spec(body.message("initial_database_spec"), "databricks_postgres");
  database.sequence = next_sequence(state);
  database.id = make_id(database.postgres_database, "db", workspace_.random());
  database.role_id = role.id;
  database.create_time = database.update_time = branch.create_time;

  require_free(branch, role);
  require_free(branch, database);
  branch.roles.push_back(std::move(role));
  branch.databases.push_back(std::move(database));
  return branch;
}

Json Projects::create(Call const& call) {
  auto const id = call.query.text("project_id");
  check_id(project_kind, id);
  return workspace_.accept([&](State& state) {
    if (state.projects.find(id) != nullptr) {
      throw already_exists("project with such id already exists in the workspace");
    }
    auto project = new_project(state, id, call);
    require_room(workspace_.limits().projects, state.projects.size(),
                 {.whose = "A workspace", .what = "projects", .limit = "projects"});
    return plan_create(state, std::move(project));
  });
}

// Creates a new project in the data plane, and enters the outcome into the record.
void Projects::fill(ProjectRecord& project) {
  auto& computes = workspace_.computes();
  auto& branch = project.branches.front();
  auto const& role = branch.roles.front();
  auto statements = sql_to_create(role);
  statements.push_back(sql_to_create(branch.databases.front(), role.postgres_role));
  statements.push_back(sql_to_open_to_superusers(branch.databases.front()));
  computes.create_branch(branch.uid, static_cast<int>(project.running_pg_version), statements);
  open_new(workspace_, branch.uid, branch.endpoints.front());
}

void Projects::tell_version(ProjectRecord const& project) const {
  if (project.pg_version == project.running_pg_version) return;
  workspace_.log(fmt::format(
      "project {} runs PostgreSQL {}, because the requested PostgreSQL {} was not found; name the folder of its "
      "programs by --postgres-bin or in LAKEBASE_POSTGRES_BIN",
      project.id, project.running_pg_version, project.pg_version));
}

Plan Projects::plan_create(State& state, ProjectRecord project) {
  state.projects.push_back(project);
  auto const name = project_name(project.id);
  auto const made = std::make_shared<ProjectRecord>(std::move(project));
  auto plan = plan_for(state, name);
  plan.run = [this, made] {
    tell_version(*made);
    fill(*made);
  };
  plan.commit = [this, name, made](State& now) {
    made->creating = false;
    auto& branch = made->branches.front();
    branch.creating = branch.endpoints.front().creating = false;
    branch.state_change_time = workspace_.now();
    any_project(now, name) = *made;
  };
  plan.cleanups = {removal_of_branch(made->branches.front().uid)};
  plan.rollback = [name](State& now) { now.projects.erase(name.project()); };
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
    return purge ? plan_purge(state, name) : plan_soft_delete(state, name);
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

Plan Projects::plan_purge(State& state, ResourceName const& name) {
  auto plan = plan_for(state, name);
  plan.commits_first = true;
  for (auto const& branch : any_project(state, name).branches) plan.cleanups.push_back(removal_of_branch(branch.uid));
  for (auto const& snapshot : any_project(state, name).snapshots) {
    plan.cleanups.push_back(removal_of_branch(snapshot.uid));
  }
  plan.commit = [name](State& now) { now.projects.erase(name.project()); };
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
    return plan_purge(state, name);
  });
}

}  // namespace lakebase::emulator
