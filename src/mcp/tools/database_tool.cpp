#include "mcp/tools/database_tool.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <lakebase/error.hpp>

#include "base/ascii.hpp"
#include "mcp/tools/endpoint_result.hpp"
#include "tools/errors.hpp"
#include "tools/find.hpp"
#include "tools/target.hpp"

namespace lakebase::mcp {
namespace {

constexpr std::string_view database_actions = "create_or_update, get, list, delete";
constexpr std::string_view provisioned = "provisioned";
constexpr std::string_view autoscale = "autoscale";

struct DatabaseArguments {
  std::string action{};
  std::optional<std::string> name{};
  std::optional<std::string> type{};
  std::optional<std::string> capacity{};
  std::optional<bool> stopped{};
  std::optional<std::string> display_name{};
  std::optional<std::string> pg_version{};
  std::optional<bool> force = false;
  std::optional<std::string> confirm{};

  template <class Field>
  static void describe(Field&& field) {
    field("action", &DatabaseArguments::action, "create_or_update, get, list or delete");
    field("name", &DatabaseArguments::name,
          "Name of the instance, or id of the project (also as projects/ID); not needed by list");
    field("type", &DatabaseArguments::type,
          "provisioned (an instance; the default, but for list, which then has both) or autoscale (a project)");
    field("capacity", &DatabaseArguments::capacity,
          "Size of an instance: CU_1 (the default of a new one), CU_2, CU_4 or CU_8");
    field("stopped", &DatabaseArguments::stopped, "Whether an instance is to be stopped; default of a new one: false");
    field("display_name", &DatabaseArguments::display_name,
          "Name of a project for people; default of a new one: its id");
    field("pg_version", &DatabaseArguments::pg_version, "Major version of PostgreSQL of a new project; default 17");
    field("force", &DatabaseArguments::force, "Whether to delete an instance's children as well");
    field("confirm", &DatabaseArguments::confirm, "The code of the confirmation that this tool asked for before");
  }
};

struct BranchResult {
  std::optional<std::string> name{};
  std::optional<std::string> state{};
  bool is_default = false;
  bool is_protected = false;
  std::optional<std::string> expire_time{};
  std::vector<EndpointResult> endpoints{};

  template <class Field>
  static void describe(Field&& field) {
    field("name", &BranchResult::name);
    field("state", &BranchResult::state);
    field("is_default", &BranchResult::is_default);
    field("is_protected", &BranchResult::is_protected);
    field("expire_time", &BranchResult::expire_time);
    field("endpoints", &BranchResult::endpoints);
  }
};

/// A database; which members it has depends on its type and on the action.
struct Database {
  std::optional<std::string> name{};
  std::optional<std::string> type{};
  std::optional<std::string> status{};
  std::optional<std::string> state{};
  std::optional<std::string> error{};
  std::optional<std::string> message{};
  std::optional<bool> created{};
  std::optional<std::string> capacity{};
  std::optional<bool> stopped{};
  std::optional<std::string> read_write_dns{};
  std::optional<std::string> read_only_dns{};
  std::optional<std::string> creator{};
  std::optional<std::string> creation_time{};
  std::optional<std::string> uid{};
  std::optional<std::string> display_name{};
  std::optional<std::string> pg_version{};
  std::optional<std::string> owner{};
  std::optional<std::vector<BranchResult>> branches{};
  std::optional<std::string> confirm{};

  template <class Field>
  static void describe(Field&& field) {
    field("name", &Database::name);
    field("type", &Database::type);
    field("status", &Database::status);
    field("state", &Database::state);
    field("error", &Database::error);
    field("message", &Database::message);
    field("created", &Database::created);
    field("capacity", &Database::capacity);
    field("stopped", &Database::stopped);
    field("read_write_dns", &Database::read_write_dns);
    field("read_only_dns", &Database::read_only_dns);
    field("creator", &Database::creator);
    field("creation_time", &Database::creation_time);
    field("uid", &Database::uid);
    field("display_name", &Database::display_name);
    field("pg_version", &Database::pg_version);
    field("owner", &Database::owner);
    field("branches", &Database::branches);
    field("confirm", &Database::confirm, "To be brought back, if the user agrees");
  }
};

/// What the tool returns: a database, or the list of them.
struct DatabaseOutcome : Database {
  std::optional<std::vector<Database>> databases{};

  template <class Field>
  static void describe(Field&& field) {
    Database::describe(
        [&](std::string_view name, auto pointer, auto const&... more) { field(name, pointer, more...); });
    field("databases", &DatabaseOutcome::databases);
  }
};

DatabaseOutcome not_found(std::string_view name, std::string_view type) {
  DatabaseOutcome outcome;
  outcome.name = name;
  outcome.state = "NOT_FOUND";
  outcome.error = fmt::format("Database '{}' not found.", name);
  outcome.type = type;
  return outcome;
}

DatabaseOutcome deleted(std::string_view name, bool was_there) {
  DatabaseOutcome outcome;
  outcome.name = name;
  outcome.status = was_there ? "deleted" : "NOT_FOUND";
  if (!was_there) outcome.error = fmt::format("Database '{}' not found.", name);
  return outcome;
}

DatabaseOutcome nothing_to_change(std::string name, std::string_view type) {
  DatabaseOutcome outcome;
  outcome.name = std::move(name);
  outcome.status = "NO_CHANGES";
  outcome.error = "No fields specified for update";
  outcome.created = false;
  outcome.type = type;
  return outcome;
}

std::optional<std::string> text(std::optional<Timestamp> const& time) {
  return time ? std::optional{time->to_string()} : std::nullopt;
}

// --- Instances

void show(DatabaseOutcome& outcome, database::DatabaseInstance const& instance) {
  outcome.name = instance.name;
  outcome.type = provisioned;
  outcome.state = word(instance.state);
  outcome.capacity = instance.effective_capacity ? instance.effective_capacity : instance.capacity;
  outcome.read_write_dns = instance.read_write_dns;
  if (instance.effective_stopped.value_or(false)) outcome.stopped = true;
}

DatabaseOutcome create_instance(WorkspaceClient const& w, std::string const& name, DatabaseArguments const& wanted) {
  DatabaseOutcome outcome;
  outcome.name = name;
  outcome.type = provisioned;
  outcome.created = true;
  database::DatabaseInstance request;
  request.name = name;
  request.capacity = wanted.capacity.value_or("CU_1");
  if (wanted.stopped.value_or(false)) request.stopped = true;
  try {
    auto const operation = w.database.create_database_instance(request);
    auto const made = w.database.get_database_instance(name);
    show(outcome, made);
    outcome.status = "CREATING";
    outcome.message =
        fmt::format("Instance '{}' is being created; its state is AVAILABLE when it takes connections.", name);
  } catch (AlreadyExists const& error) {
    outcome.status = "ALREADY_EXISTS";
    outcome.error = tools::message_of(error);
    outcome.created = false;
  }
  return outcome;
}

DatabaseOutcome update_instance(WorkspaceClient const& w, std::string const& name, DatabaseArguments const& wanted) {
  database::DatabaseInstance request;
  request.name = name;
  std::string mask;
  if (wanted.capacity) {
    request.capacity = wanted.capacity;
    mask = "capacity";
  }
  if (wanted.stopped) {
    request.stopped = wanted.stopped;
    mask += mask.empty() ? "stopped" : ",stopped";
  }
  if (mask.empty()) return nothing_to_change(name, provisioned);
  auto const changed = w.database.update_database_instance(name, request, mask);
  DatabaseOutcome outcome;
  show(outcome, changed);
  outcome.status = "UPDATED";
  outcome.stopped = changed.stopped ? changed.stopped : changed.effective_stopped;
  outcome.created = false;
  outcome.read_write_dns.reset();
  return outcome;
}

std::optional<database::DatabaseInstance> found_instance(WorkspaceClient const& w, std::string const& name) {
  try {
    return w.database.get_database_instance(name);
  } catch (NotFound const&) {
    return std::nullopt;
  }
}

DatabaseOutcome get_instance(WorkspaceClient const& w, std::string const& name) {
  auto const instance = found_instance(w, name);
  if (!instance) return not_found(name, provisioned);
  DatabaseOutcome outcome;
  show(outcome, *instance);
  outcome.read_only_dns = instance->read_only_dns;
  outcome.creator = instance->creator;
  outcome.creation_time = instance->creation_time;
  outcome.uid = instance->uid;
  return outcome;
}

DatabaseOutcome delete_instance(WorkspaceClient const& w, std::string const& name, bool force) {
  try {
    w.database.delete_database_instance(name, {.force = force ? std::optional{true} : std::nullopt, .purge = true});
    return deleted(name, true);
  } catch (NotFound const&) {
    return deleted(name, false);
  }
}

// --- Projects

std::optional<postgres::Project> found_project(WorkspaceClient const& w, std::string const& id) {
  try {
    return w.postgres.get_project("projects/" + id);
  } catch (NotFound const&) {
    return std::nullopt;
  }
}

void show(DatabaseOutcome& outcome, postgres::Project const& project) {
  outcome.name = project.name;
  outcome.type = autoscale;
  outcome.display_name = tools::display_name(project);
  if (!project.status) return;
  if (project.status->pg_version) outcome.pg_version = std::to_string(*project.status->pg_version);
  outcome.owner = project.status->owner;
}

std::int64_t version_from(std::string const& text) {
  if (text.empty() || text.size() > 3 || text.find_first_not_of("0123456789") != std::string::npos) {
    throw BadArgument("pg_version must be a major version such as 17");
  }
  return std::stoll(text);
}

DatabaseOutcome create_project(WorkspaceClient const& w, Workspace const& workspace, Call& call, std::string const& id,
                               DatabaseArguments const& wanted) {
  postgres::Project request;
  request.spec.emplace();
  request.spec->display_name = wanted.display_name.value_or(id);
  request.spec->pg_version = version_from(wanted.pg_version.value_or("17"));
  auto const project = tools::attempt(fmt::format("create project '{}'", id), [&] {
    return w.postgres.create_project(request, id).wait(workspace.wait(call, "creating the project " + id));
  });
  DatabaseOutcome outcome;
  show(outcome, project);
  outcome.owner.reset();
  outcome.status = "CREATED";
  outcome.created = true;
  return outcome;
}

DatabaseOutcome update_project(WorkspaceClient const& w, Workspace const& workspace, Call& call, std::string const& id,
                               DatabaseArguments const& wanted) {
  auto const name = "projects/" + id;
  if (!wanted.display_name) return nothing_to_change(name, autoscale);
  postgres::Project request;
  request.spec.emplace();
  request.spec->display_name = wanted.display_name;
  auto const project = tools::attempt(fmt::format("update project '{}'", id), [&] {
    return w.postgres.update_project(name, request, FieldMask{"spec.display_name"})
        .wait(workspace.wait(call, "changing the project " + id));
  });
  DatabaseOutcome outcome;
  outcome.name = name;
  outcome.type = autoscale;
  outcome.status = "UPDATED";
  outcome.display_name = tools::display_name(project);
  outcome.created = false;
  return outcome;
}

DatabaseOutcome get_project(WorkspaceClient const& w, std::string const& id) {
  auto const project = found_project(w, id);
  if (!project) return not_found(id, autoscale);
  DatabaseOutcome outcome;
  show(outcome, *project);
  outcome.branches.emplace();
  for (auto const& branch : w.postgres.list_branches("projects/" + id)) {
    auto& shown = outcome.branches->emplace_back();
    shown.name = branch.name;
    if (branch.status) {
      shown.state = word(branch.status->current_state);
      shown.is_default = branch.status->default_.value_or(false);
      shown.is_protected = branch.status->is_protected.value_or(false);
      shown.expire_time = text(branch.status->expire_time);
    }
    for (auto const& endpoint : w.postgres.list_endpoints(branch.name.value_or(""))) {
      shown.endpoints.push_back(mcp::shown(endpoint));
    }
  }
  return outcome;
}

DatabaseOutcome delete_project(WorkspaceClient const& w, Workspace const& workspace, Call& call,
                               std::string const& id) {
  try {
    w.postgres.delete_project("projects/" + id).wait(workspace.wait(call, "deleting the project " + id));
  } catch (NotFound const&) {
    return deleted("projects/" + id, false);
  }
  auto outcome = deleted("projects/" + id, true);
  outcome.message = "It can be brought back until it is purged: lakebase postgres undelete-project projects/" + id;
  return outcome;
}

// --- Both

/// What one kind fails with does not hide the other one.
template <class List>
void add(Call& call, std::string_view kind, List const& list) {
  try {
    list();
  } catch (Cancelled const&) {
    throw;
  } catch (Error const& error) {
    call.log("warning", fmt::format("The list has no {}: {}", kind, tools::message_of(error)));
  }
}

DatabaseOutcome list_all(Workspace& workspace, Call& call, std::optional<std::string_view> only) {
  auto const w = workspace.client(call);
  auto const& confined_to = workspace.options().project;
  DatabaseOutcome outcome;
  outcome.databases.emplace();
  if (only != autoscale && confined_to.empty()) {
    add(call, "database instances", [&] {
      for (auto const& instance : w.database.list_database_instances()) {
        DatabaseOutcome shown;
        show(shown, instance);
        outcome.databases->push_back(shown);
      }
    });
  }
  if (only != provisioned) {
    add(call, "projects", [&] {
      for (auto const& project : w.postgres.list_projects()) {
        if (!confined_to.empty() && tools::id_of(project.name.value_or("")) != confined_to) continue;
        DatabaseOutcome shown;
        show(shown, project);
        outcome.databases->push_back(shown);
      }
    });
  }
  return outcome;
}

std::optional<std::string_view> type_of(DatabaseArguments const& arguments) {
  if (!arguments.type) return std::nullopt;
  auto const type = detail::lower(*arguments.type);
  for (auto const known : {provisioned, autoscale}) {
    if (type == known) return known;
  }
  throw Refusal{fmt::format("Invalid type '{}'. Use 'provisioned' or 'autoscale'.", *arguments.type)};
}

/// @throws Error
DatabaseOutcome act_on_instance(WorkspaceClient const& w, std::string const& action,
                                DatabaseArguments const& arguments) {
  auto const& name = *arguments.name;
  if (action == "get") return get_instance(w, name);
  if (action == "delete") return delete_instance(w, name, arguments.force.value_or(false));
  return tools::attempt(fmt::format("create or update instance '{}'", name), [&] {
    return found_instance(w, name) ? update_instance(w, name, arguments) : create_instance(w, name, arguments);
  });
}

ToolResult act(Workspace& workspace, Call& call, DatabaseArguments const& arguments) {
  auto const action = action_of(arguments.action, database_actions);
  auto const type = type_of(arguments);
  if (action == "list") return result_of(json_of(list_all(workspace, call, type)));
  if (arguments.name.value_or("").empty()) throw Refusal{fmt::format("{} requires: name", action)};
  auto const& name = *arguments.name;
  bool const is_project = type ? *type == autoscale : tools::is_path(name);
  if (!is_project) workspace.require_instances_in_scope();
  auto const id = is_project ? project_id(workspace, name) : std::string{};
  if (action == "delete") {
    auto const what = is_project ? fmt::format("the project projects/{} with all its branches", id)
                                 : fmt::format("the database instance {} and its data, for good", name);
    if (auto instead = asked_before_delete(workspace, call, what)) return *instead;
  }
  auto const w = workspace.client(call);
  if (!is_project) return result_of(json_of(act_on_instance(w, action, arguments)));
  if (action == "get") return result_of(json_of(get_project(w, id)));
  if (action == "delete") return result_of(json_of(delete_project(w, workspace, call, id)));
  return result_of(json_of(found_project(w, id) ? update_project(w, workspace, call, id, arguments)
                                                : create_project(w, workspace, call, id, arguments)));
}

}  // namespace

Tool database_tool(Workspace& workspace, std::string const& action) {
  auto tool = typed_tool<DatabaseArguments>(
      "manage_lakebase_database",
      "Creates, changes, shows, lists and deletes Lakebase databases: Autoscaling projects (type autoscale) and "
      "Provisioned instances (type provisioned). An update changes what is given. A deleted instance is gone for good, "
      "a "
      "deleted project can be brought back for some days.",
      [&workspace](Call& call, DatabaseArguments const& arguments) { return act(workspace, call, arguments); },
      action.empty() ? Json::object() : Json{{"action", action}});
  tool.title = "Manage Lakebase databases";
  tool.output_schema = schema_of<DatabaseOutcome>();
  return tool;
}

}  // namespace lakebase::mcp
