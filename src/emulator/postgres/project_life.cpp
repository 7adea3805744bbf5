#include "postgres/project_life.hpp"

#include <memory>
#include <utility>

#include "common/random.hpp"
#include "postgres/cleanup.hpp"
#include "postgres/compute_rules.hpp"
#include "postgres/database.hpp"
#include "postgres/endpoint.hpp"
#include "postgres/project_spec.hpp"
#include "postgres/role_sql.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {

BranchRecord first_branch(Workspace const& workspace, State& state, ProjectRecord const& project, Fields const& body,
                          Identity const& caller) {
  BranchRecord branch;
  branch.id = project.default_branch_id;
  branch.uid = random_words("br", workspace.random());
  branch.create_time = branch.update_time = branch.state_change_time = project.create_time;
  branch.creating = true;
  branch.is_protected = body.message("initial_branch_spec").flag("is_protected").value_or(false);
  branch.sequence = next_sequence(state);
  auto const spec = body.message("initial_endpoint_spec");
  branch.endpoints.push_back(primary_endpoint(
      state, workspace.random(), initial_compute(project.defaults, spec, workspace.limits()), branch.create_time));
  auto& endpoint = branch.endpoints.front();
  if (spec.has("group")) endpoint.computes = read_group(spec.message("group"));
  require_always_on(endpoint.computes, endpoint.compute, spec);
  endpoint.readable_secondaries = read_readable_secondaries(spec);

  RoleRecord role = body.has("initial_role_spec")
                        ? role_from_spec(workspace.options(), body.message("initial_role_spec"), caller.name)
                        : role_of_caller(caller);
  role.sequence = next_sequence(state);
  role.id = id_for_role(role, workspace.random());
  role.create_time = role.update_time = branch.create_time;
  give_password(role);

  DatabaseRecord database;
  database.postgres_database = database_name_from_spec(body.message("initial_database_spec"), "databricks_postgres");
  database.sequence = next_sequence(state);
  database.id = make_id(database.postgres_database, "db", workspace.random());
  database.role_id = role.id;
  database.create_time = database.update_time = branch.create_time;

  require_free(branch, role);
  require_free(branch, database);
  branch.roles.push_back(std::move(role));
  branch.databases.push_back(std::move(database));
  return branch;
}

void fill_first_branch(Workspace& workspace, ProjectRecord& project) {
  auto& branch = project.branches.front();
  auto const& role = branch.roles.front();
  auto statements = sql_to_create(role);
  statements.push_back(sql_to_create(branch.databases.front(), role.postgres_role));
  statements.push_back(sql_to_open_to_superusers(branch.databases.front()));
  workspace.computes().create_branch(branch.uid, static_cast<int>(project.running_pg_version), statements);
  open_new(workspace, branch.uid, branch.endpoints.front());
}

Plan plan_new_project(Workspace& workspace, State& state, ProjectRecord project,
                      std::function<void(ProjectRecord&)> fill) {
  state.projects.push_back(project);
  auto const name = project_name(project.id);
  auto const made = std::make_shared<ProjectRecord>(std::move(project));
  auto plan = plan_for(state, name);
  plan.run = [made, fill = std::move(fill)] { fill(*made); };
  plan.commit = [&workspace, name, made](State& now) {
    made->creating = false;
    auto& branch = made->branches.front();
    branch.creating = branch.endpoints.front().creating = false;
    branch.state_change_time = workspace.now();
    any_project(now, name) = *made;
  };
  plan.cleanups = {removal_of_branch(made->branches.front().uid)};
  plan.rollback = [name](State& now) { now.projects.erase(name.project()); };
  return plan;
}

Plan plan_purge_of_projects(State const& state, std::vector<std::string> const& ids) {
  auto plan = plan_for(state, project_name(ids.front()));
  plan.locks.clear();
  plan.commits_first = true;
  for (auto const& id : ids) {
    auto const& project = any_project(state, project_name(id));
    plan.locks.push_back(lock_of(project));
    for (auto const& branch : project.branches) plan.cleanups.push_back(removal_of_branch(branch.uid));
    for (auto const& snapshot : project.snapshots) plan.cleanups.push_back(removal_of_branch(snapshot.uid));
  }
  plan.commit = [ids](State& now) {
    for (auto const& id : ids) now.projects.erase(id);
  };
  return plan;
}

}  // namespace lakebase::emulator
