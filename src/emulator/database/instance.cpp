#include "database/instance.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "common/random.hpp"
#include "database/instance_lookup.hpp"
#include "database/instance_spec.hpp"
#include "database/paths.hpp"
#include "database/request_types.hpp"
#include "engine/paging.hpp"
#include "postgres/branch_source.hpp"
#include "postgres/branch_spec.hpp"
#include "postgres/permissions.hpp"
#include "postgres/project_life.hpp"

namespace lakebase::emulator {

/// Of what a new instance is a copy.
struct Instances::Parent {
  InstanceParentRecord record;
  /// Of its project.
  std::string id;
  Lock lock;
  BranchSource source;
  std::int64_t running_pg_version = 0;
};

namespace {

constexpr int preferred_pg_version = 16;
constexpr std::string_view updating = "UPDATING";
constexpr std::string_view failing_over = "FAILING_OVER";
constexpr std::string_view upgrading = "UPGRADING";
constexpr std::string_view deleting = "DELETING";

// Those with something that no operation does any more.
std::vector<ProjectRecord> interrupted(State const& state) {
  std::vector<ProjectRecord> found;
  std::copy_if(
      state.projects.begin(), state.projects.end(), std::back_inserter(found), [&](ProjectRecord const& project) {
        return project.instance && !project.instance->changing.empty() && state.locks.is_free(lock_of(project).key);
      });
  return found;
}

// A position of the log counts before a time, as in the service.
std::optional<Moment> moment_in(Fields const& ref, TimePoint now) {
  if (auto const lsn = ref.text("lsn")) {
    if (parse_lsn(*lsn)) return Lsn{*lsn};
    throw invalid(fmt::format("Field '{}' must be a position in the write-ahead log, such as 0/1A2B3C8, got '{}'.",
                              ref.path_of("lsn"), *lsn));
  }
  auto const time = ref.time("branch_time");
  if (time && *time > now)
    throw invalid(fmt::format("Field '{}' must not lie in the future.", ref.path_of("branch_time")));
  return time ? std::optional<Moment>{*time} : std::nullopt;
}

// An instance and all that are copies of it, or of those, and can be deleted here.
void add_with_children(State const& state, ProjectRecord const& project, std::vector<std::string>& ids) {
  ids.push_back(project.id);
  for (auto const& other : state.projects) {
    bool const is_child = other.instance && other.instance->parent && other.instance->parent->uid == project.uid;
    if (is_child && !is_project(other)) add_with_children(state, other, ids);
  }
}

// All that an update can set, and nothing else of the record, which changes by itself.
void take_settings(ProjectRecord& project, ProjectRecord const& from) {
  project.instance = from.instance;
  project.defaults = from.defaults;
  project.custom_tags = from.custom_tags;
  project.budget_policy_id = from.budget_policy_id;
  project.history_retention = from.history_retention;
  project.enable_pg_native_login = from.enable_pg_native_login;
  project.update_time = from.update_time;
  auto& endpoint = project.branches.front().endpoints.front();
  auto const& wanted = endpoint_of_instance(from);
  endpoint.compute = wanted.compute;
  endpoint.disabled = wanted.disabled;
  endpoint.max_connections = wanted.max_connections;
  endpoint.computes = wanted.computes;
  endpoint.readable_secondaries = wanted.readable_secondaries;
}

void require_purge(Query const& query) {
  if (query.text("purge").empty() || query.flag("purge")) return;
  throw invalid("DELETE request must have purge=true parameter");
}

}  // namespace

void Instances::routes(Router& router) {
  auto const path = fmt::format("{}instances", database_api);
  router.add("GET", path, [this](Call const& call) { return list(call); });
  router.add("POST", path, [this](Call const& call) { return create(call); });
  router.add("GET", path + ":findByUid", [this](Call const& call) { return find_by_uid(call.query); });
  router.add("GET", path + "/*", [this](Call const& call) { return get(named_in(call)); });
  router.add("PATCH", path + "/*", [this](Call const& call) { return update(named_in(call), call); });
  router.add("DELETE", path + "/*", [this](Call const& call) { return remove(named_in(call), call.query); });
  router.add("POST", path + "/*/failover", [this](Call const& call) { return fail_over(named_in(call), call); });
  router.add("PATCH", path + "/*/upgrade", [this](Call const& call) { return upgrade(named_in(call)); });
}

Json Instances::get(std::string const& name) const {
  auto const state = workspace_.state();
  return instance_json(*state, live_instance(*state, name), false);
}

Json Instances::find_by_uid(Query const& query) const {
  auto const uid = query.text("uid");
  if (uid.empty()) throw required_field("uid");
  auto const state = workspace_.state();
  for (auto const& project : state->projects) {
    if (project.instance && !project.delete_time && project.uid == uid) return instance_json(*state, project, false);
  }
  throw ServiceError{404, "NOT_FOUND", fmt::format("Database instance with uid '{}' not found", uid)};
}

Json Instances::list(Call const& call) const {
  Page page{call.query, workspace_.mint(), "database_instances"};
  auto const state = workspace_.state();
  std::vector<ProjectRecord> instances;
  std::copy_if(state->projects.begin(), state->projects.end(), std::back_inserter(instances),
               [&](ProjectRecord const& project) {
                 return project.instance && !project.delete_time &&
                        is_permitted(workspace_.options(), project, call.caller, PermissionLevel::can_use);
               });
  Json items = Json::array();
  for (auto const& project : page.take(instances)) items.push_back(instance_json(*state, project, false));
  return page.response("database_instances", std::move(items));
}

std::optional<Instances::Parent> Instances::parent_in(State const& state, Fields const& body) const {
  if (!body.has("parent_instance_ref")) return std::nullopt;
  auto const ref = body.message("parent_instance_ref");
  auto const& project = live_instance(state, ref.required_text("name"));
  if (project.creating) {
    throw bad_request(
        fmt::format("Database instance '{}' is not ready: its state is STARTING.", project.instance->name));
  }
  auto const& branch = branch_of_instance(project);
  auto const now = workspace_.now();
  auto const moment = moment_in(ref, now);
  require_in_window(moment, window_of(project, branch, now),
                    fmt::format("Database instance '{}'", project.instance->name));
  auto const* const time = moment ? std::get_if<TimePoint>(&*moment) : nullptr;
  return Parent{{project.instance->name, project.uid, ref.text("lsn").value_or(""),
                 time == nullptr ? std::nullopt : std::optional{*time}},
                project.id,
                lock_of(project),
                source_of_branch(branch, moment),
                project.running_pg_version};
}

ProjectRecord Instances::new_instance(State& state, std::string const& name, Call const& call,
                                      std::optional<Parent> const& parent) const {
  auto const body = call.fields();
  ProjectRecord project;
  project.id = id_of_instance(name);
  project.display_name = name;
  project.uid = random_uuid(workspace_.random());
  project.owner = call.caller.name;
  project.default_branch_id = "production";
  project.create_time = project.update_time = workspace_.now();
  project.creating = true;
  project.running_pg_version = parent ? parent->running_pg_version
                                      : choose_version(workspace_.computes().server_versions(), preferred_pg_version);
  project.pg_version = project.running_pg_version;
  project.instance = InstanceRecord{.name = name, .parent = parent ? std::optional{parent->record} : std::nullopt};
  auto touched = carried_by(body, instance_mask());
  touched.insert("capacity");
  EndpointRecord wanted;
  apply_to_instance(body, touched, workspace_.limits(), project, wanted);
  Json const nothing = Json::object();
  auto branch = first_branch(workspace_, state, project, Fields{nothing}, call.caller);
  branch.endpoints.front().compute = wanted.compute;
  branch.endpoints.front().max_connections = wanted.max_connections;
  branch.endpoints.front().disabled = wanted.disabled;
  branch.endpoints.front().computes = wanted.computes;
  branch.endpoints.front().readable_secondaries = wanted.readable_secondaries;
  if (parent) {
    branch.source_branch_time = parent->record.branch_time.value_or(branch.create_time);
    inherit(parent->source, branch);
  }
  project.branches.push_back(std::move(branch));
  project.sequence = next_sequence(state);
  return project;
}

Json Instances::create(Call const& call) {
  auto const body = call.fields();
  check_types(body, database_request_types().at("DatabaseInstance"), database_request_types());
  auto const name = body.required_text("name");
  if (!is_instance_name(name)) {
    throw invalid(fmt::format("Field 'name' must be 1 to 63 letters, digits and hyphens, got '{}'.", name));
  }
  Json shown;
  workspace_.accept([&](State& state) {
    // One that was upgraded, and then deleted as a project, can come back.
    bool const is_taken = std::any_of(state.projects.begin(), state.projects.end(), [&](ProjectRecord const& project) {
      return project.instance && project.instance->name == name;
    });
    if (is_taken) throw already_exists("Instance name is not unique");
    auto const present = std::count_if(state.projects.begin(), state.projects.end(), [](ProjectRecord const& project) {
      return project.instance && !is_project(project);
    });
    require_room(workspace_.limits().instances, static_cast<std::size_t>(present),
                 {.whose = "A workspace", .what = "database instances", .limit = "instances"});
    auto const parent = parent_in(state, body);
    auto project = new_instance(state, name, call, parent);
    auto plan = plan_create(state, std::move(project), parent);
    shown = instance_json(state, live_instance(state, name), true);
    return plan;
  });
  return shown;
}

Plan Instances::plan_create(State& state, ProjectRecord project, std::optional<Parent> const& parent) {
  auto plan = plan_new_project(workspace_, state, std::move(project), [this, parent](ProjectRecord& made) {
    if (parent) return fill_copy(workspace_, parent->source, made.branches.front());
    fill_first_branch(workspace_, made);
  });
  // The parent stays as it is until the copy is made.
  if (parent) plan.locks.push_back(parent->lock);
  return plan;
}

Json Instances::update(std::string const& name, Call const& call) {
  auto const body = call.fields();
  check_types(body, database_request_types().at("DatabaseInstance"), database_request_types());
  Json shown;
  workspace_.accept([&](State& state) {
    auto wanted = own_instance(state, name);
    auto const touched = touched_by_instance_update(call);
    bool const was_stopped = is_stopped(wanted);
    auto endpoint = endpoint_of_instance(wanted);
    apply_to_instance(body, touched, workspace_.limits(), wanted, endpoint);
    if (was_stopped && endpoint.disabled && changes_compute(touched)) {
      throw bad_request(fmt::format("Database instance '{}' is stopped, and cannot be resized. Start it first.", name));
    }
    wanted.branches.front().endpoints.front() = endpoint;
    wanted.update_time = workspace_.now();
    auto plan = plan_change(state, wanted, updating);
    shown = instance_json(state, live_instance(std::as_const(state), name), true);
    return plan;
  });
  return shown;
}

// The record has what is wanted at once, for the next life of the emulator goes by it.
Plan Instances::plan_change(State& state, ProjectRecord const& wanted, std::string_view changing) {
  auto const name = wanted.instance->name;
  auto const before = live_instance(state, name);
  take_settings(live_instance(state, name), wanted);
  live_instance(state, name).instance->changing = changing;
  auto const& endpoint = endpoint_of_instance(wanted);
  bool const starts = is_stopped(before) && !endpoint.disabled;
  auto plan = plan_for(state, project_name(wanted.id));
  auto const made = std::make_shared<EndpointRecord>(endpoint);
  plan.run = [this, starts, made] {
    update_computes(workspace_.computes(), *made);
    if (starts) workspace_.computes().start(made->uid);
  };
  plan.undo = [this, former = endpoint_of_instance(before)] {
    auto again = former;
    update_computes(workspace_.computes(), again);
  };
  plan.commit = [name, made](State& now) {
    auto& project = live_instance(now, name);
    project.instance->changing.clear();
    project.branches.front().endpoints.front().read_only_address = made->read_only_address;
  };
  plan.rollback = [name, before](State& now) {
    take_settings(live_instance(now, name), before);
    live_instance(now, name).instance->changing.clear();
  };
  return plan;
}

Json Instances::remove(std::string const& name, Query const& query) {
  require_purge(query);
  bool const force = query.flag("force");
  workspace_.accept([&](State& state) {
    auto const& project = own_instance(state, name);
    std::vector<std::string> ids;
    add_with_children(state, project, ids);
    if (ids.size() > 1 && !force) {
      throw bad_request(
          fmt::format("Database instance '{}' has child instances. Delete them first, or set 'force'.", name));
    }
    return plan_remove(state, ids);
  });
  return Json::object();
}

Plan Instances::plan_remove(State& state, std::vector<std::string> const& ids) {
  auto plan = plan_purge_of_projects(state, ids);
  auto const mark = [ids](State& now, std::string_view changing) {
    for (auto const& id : ids) live_project(now, id).instance->changing = changing;
  };
  mark(state, deleting);
  plan.rollback = [mark](State& now) { mark(now, {}); };
  return plan;
}

// Secondaries have no names here, so that none can be the target.
Json Instances::fail_over(std::string const& name, Call const& call) {
  auto const target = call.fields().text("failover_target_database_instance_name");
  Json shown;
  workspace_.accept([&](State& state) {
    auto& project = live_instance(state, name);
    state.locks.require_free({lock_of(project)});
    auto const& endpoint = endpoint_of_instance(running_instance(state, name));
    if (endpoint.computes < 2) {
      throw bad_request(
          fmt::format("Database instance '{}' has a single node: there is no secondary to fail over to.", name));
    }
    if (target) throw bad_request(fmt::format("Database instance '{}' has no secondary '{}'.", name, *target));
    project.instance->changing = failing_over;
    auto plan = plan_for(state, project_name(project.id));
    plan.run = [this, uid = endpoint.uid] { workspace_.computes().fail_over(uid); };
    plan.commit = plan.rollback = [name](State& now) { live_instance(now, name).instance->changing.clear(); };
    shown = instance_json(state, project, false);
    return plan;
  });
  return shown;
}

Json Instances::upgrade(std::string const& name) {
  workspace_.accept([&](State& state) { return plan_upgrade(state, name); });
  return Json::object();
}

Plan Instances::plan_upgrade(State& state, std::string const& name) {
  auto wanted = own_instance(state, name);
  if (is_stopped(wanted)) throw bad_request(fmt::format("Database instance '{}' is stopped. Start it first.", name));
  auto const id = make_id(name, "instance", workspace_.random());
  auto const require_free_id = [id](State const& now) {
    if (now.projects.find(id) != nullptr) {
      throw already_exists(fmt::format("project with such id already exists in the workspace: '{}'", id));
    }
  };
  require_free_id(state);
  auto& endpoint = wanted.branches.front().endpoints.front();
  endpoint.max_connections = 0;
  auto plan = plan_change(state, wanted, upgrading);
  plan.commit = [this, name, id, require_free_id, change = plan.commit](State& now) {
    require_free_id(now);
    change(now);
    auto project = live_instance(now, name);
    now.projects.erase(project.id);
    project.id = id;
    project.instance->is_project = true;
    project.update_time = workspace_.now();
    // Lists go by it, and it is the last one now.
    project.sequence = next_sequence(now);
    now.projects.push_back(std::move(project));
  };
  return plan;
}

std::optional<TimePoint> Instances::next_due() const {
  bool const is_due = workspace_.read([](State const& state) { return !interrupted(state).empty(); });
  return is_due ? std::optional{TimePoint{}} : std::nullopt;
}

// What an update wants is in the record, by which the endpoint was opened again.
void Instances::run_due() {
  for (auto const& project : interrupted(*workspace_.state())) {
    auto const name = project.instance->name;
    auto const& changing = project.instance->changing;
    if (changing == deleting) {
      workspace_.start_if_idle(
          [&] { return workspace_.accept([&](State& state) { return plan_remove(state, {project.id}); }); });
    } else if (changing == upgrading) {
      workspace_.start_if_idle(
          [&] { return workspace_.accept([&](State& state) { return plan_upgrade(state, name); }); });
    } else {
      workspace_.change([&](State& state) {
        auto& record = live_instance(state, name);
        if (state.locks.is_free(lock_of(record).key)) record.instance->changing.clear();
      });
    }
  }
}

std::string Instances::endpoint_uid(std::string const& name) const {
  return workspace_.read([&](State const& state) { return endpoint_of_instance(live_instance(state, name)).uid; });
}

}  // namespace lakebase::emulator
