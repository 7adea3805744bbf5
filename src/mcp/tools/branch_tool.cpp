#include "mcp/tools/branch_tool.hpp"

#include <utility>

#include <fmt/format.h>
#include <lakebase/error.hpp>
#include <lakebase/set_fields.hpp>

#include "mcp/tools/endpoint_result.hpp"
#include "tools/errors.hpp"
#include "tools/target.hpp"

namespace lakebase::mcp {
namespace {

constexpr std::string_view branch_actions = "create_or_update, delete";
constexpr std::int64_t longest_ttl = 2592000;
constexpr std::string_view read_write = "ENDPOINT_TYPE_READ_WRITE";

struct BranchArguments {
  std::string action{};
  std::optional<std::string> project_name{};
  std::optional<std::string> branch_id{};
  std::optional<std::string> source_branch{};
  std::optional<std::int64_t> ttl_seconds{};
  std::optional<bool> no_expiry = false;
  std::optional<bool> is_protected{};
  std::optional<std::string> endpoint_type = std::string{read_write};
  std::optional<double> autoscaling_limit_min_cu{};
  std::optional<double> autoscaling_limit_max_cu{};
  std::optional<std::int64_t> scale_to_zero_seconds{};
  std::optional<std::string> name{};
  std::optional<std::string> confirm{};

  template <class Field>
  static void describe(Field&& field) {
    field("action", &BranchArguments::action, "create_or_update or delete");
    field("project_name", &BranchArguments::project_name, "Project, as its id or as projects/ID; for create_or_update");
    field("branch_id", &BranchArguments::branch_id, "Id of the branch; for create_or_update");
    field("source_branch", &BranchArguments::source_branch,
          "Branch to start from, as its id or its full name; default: the project's default branch");
    field("ttl_seconds", &BranchArguments::ttl_seconds,
          "Delete the branch this long after its creation, at most 2592000");
    field("no_expiry", &BranchArguments::no_expiry,
          "Keep the branch until it is deleted; so it is if there is no ttl_seconds");
    field("is_protected", &BranchArguments::is_protected, "Refuse to delete or reset the branch");
    field("endpoint_type", &BranchArguments::endpoint_type,
          "ENDPOINT_TYPE_READ_WRITE, which each branch has one of, or ENDPOINT_TYPE_READ_ONLY for one more endpoint");
    field("autoscaling_limit_min_cu", &BranchArguments::autoscaling_limit_min_cu, "Least size of the endpoint, in CU");
    field("autoscaling_limit_max_cu", &BranchArguments::autoscaling_limit_max_cu,
          "Largest size of the endpoint, in CU");
    field("scale_to_zero_seconds", &BranchArguments::scale_to_zero_seconds,
          "Suspend the endpoint after this long without use, 60 to 604800; 0: never");
    field("name", &BranchArguments::name, "Full name of the branch, projects/ID/branches/ID; for delete");
    field("confirm", &BranchArguments::confirm, "The code of the confirmation that this tool asked for before");
  }
};

/// What became of an endpoint.
struct PutEndpoint : EndpointResult {
  std::optional<std::string> status{};
  std::optional<std::string> error{};

  template <class Field>
  static void describe(Field&& field) {
    EndpointResult::describe([&](std::string_view name, auto pointer) { field(name, pointer); });
    field("status", &PutEndpoint::status);
    field("error", &PutEndpoint::error);
  }
};

struct BranchOutcome {
  std::optional<std::string> name{};
  std::optional<std::string> status{};
  std::optional<std::string> state{};
  std::optional<bool> is_default{};
  std::optional<bool> is_protected{};
  std::optional<std::string> expire_time{};
  std::optional<std::int64_t> logical_size_bytes{};
  std::optional<bool> created{};
  std::optional<PutEndpoint> endpoint{};
  std::optional<std::string> message{};
  std::optional<std::string> error{};
  std::optional<std::string> confirm{};

  template <class Field>
  static void describe(Field&& field) {
    field("name", &BranchOutcome::name);
    field("status", &BranchOutcome::status);
    field("state", &BranchOutcome::state);
    field("is_default", &BranchOutcome::is_default);
    field("is_protected", &BranchOutcome::is_protected);
    field("expire_time", &BranchOutcome::expire_time);
    field("logical_size_bytes", &BranchOutcome::logical_size_bytes);
    field("created", &BranchOutcome::created);
    field("endpoint", &BranchOutcome::endpoint);
    field("message", &BranchOutcome::message);
    field("error", &BranchOutcome::error);
    field("confirm", &BranchOutcome::confirm, "To be brought back, if the user agrees");
  }
};

Enum<postgres::EndpointType> type_of(BranchArguments const& wanted) {
  auto const text = wanted.endpoint_type.value_or(std::string{read_write});
  if (text != read_write && text != "ENDPOINT_TYPE_READ_ONLY") {
    throw BadArgument("endpoint_type must be ENDPOINT_TYPE_READ_WRITE or ENDPOINT_TYPE_READ_ONLY");
  }
  return text == read_write ? postgres::EndpointType::read_write : postgres::EndpointType::read_only;
}

bool has_settings(BranchArguments const& wanted) {
  return wanted.autoscaling_limit_min_cu || wanted.autoscaling_limit_max_cu || wanted.scale_to_zero_seconds;
}

postgres::Endpoint settings_of(BranchArguments const& wanted) {
  postgres::Endpoint endpoint;
  auto& spec = endpoint.spec.emplace();
  spec.autoscaling_limit_min_cu = wanted.autoscaling_limit_min_cu;
  spec.autoscaling_limit_max_cu = wanted.autoscaling_limit_max_cu;
  if (wanted.scale_to_zero_seconds == 0) {
    spec.no_suspension = true;
  } else if (wanted.scale_to_zero_seconds) {
    spec.suspend_timeout_duration = Duration{std::chrono::seconds{*wanted.scale_to_zero_seconds}};
  }
  return endpoint;
}

PutEndpoint show(postgres::Endpoint const& endpoint, std::string_view done) {
  PutEndpoint result{shown(endpoint)};
  result.status = done;
  return result;
}

std::optional<postgres::Endpoint> endpoint_of_type(WorkspaceClient const& w, std::string const& branch,
                                                   Enum<postgres::EndpointType> const& type) {
  for (auto const& endpoint : w.postgres.list_endpoints(branch)) {
    if (endpoint.status && endpoint.status->endpoint_type == type) return endpoint;
  }
  return std::nullopt;
}

/// The endpoint of the wanted type, changed as wanted; made if the branch has none.
PutEndpoint put_endpoint(WorkspaceClient const& w, Workspace const& workspace, Call& call, std::string const& branch,
                         BranchArguments const& wanted) {
  auto const type = type_of(wanted);
  auto settings = settings_of(wanted);
  auto const found = endpoint_of_type(w, branch, type);
  if (!found) {
    settings.spec->endpoint_type = type;
    auto const id = tools::id_of(branch) + (type == postgres::EndpointType::read_only ? "-ro" : "-ep");
    return show(w.postgres.create_endpoint(branch, settings, id).wait(workspace.wait(call, "creating the endpoint")),
                "CREATED");
  }
  if (!has_settings(wanted)) return show(*found, "FOUND");
  auto const name = found->name.value_or("");
  return show(w.postgres.update_endpoint(name, settings, set_fields(settings))
                  .wait(workspace.wait(call, "changing the endpoint")),
              "UPDATED");
}

/// A branch that is there stays, whatever becomes of its endpoint.
void add_endpoint(BranchOutcome& outcome, WorkspaceClient const& w, Workspace const& workspace, Call& call,
                  BranchArguments const& wanted) {
  try {
    outcome.endpoint = put_endpoint(w, workspace, call, *outcome.name, wanted);
  } catch (Cancelled const&) {
    throw;
  } catch (Error const& error) {
    outcome.endpoint.emplace();
    outcome.endpoint->status = "FAILED";
    outcome.endpoint->error = tools::message_of(error);
    outcome.error = fmt::format("The branch is as asked, its endpoint is not: {}", tools::message_of(error));
  }
}

void show(BranchOutcome& outcome, postgres::Branch const& branch) {
  outcome.name = branch.name;
  if (!branch.status) return;
  outcome.is_protected = branch.status->is_protected.value_or(false);
  if (branch.status->expire_time) outcome.expire_time = branch.status->expire_time->to_string();
}

void set_expiry(postgres::BranchSpec& spec, BranchArguments const& wanted) {
  if (!wanted.ttl_seconds) return;
  if (*wanted.ttl_seconds < 1 || *wanted.ttl_seconds > longest_ttl) {
    throw BadArgument(fmt::format("ttl_seconds must be 1 to {}", longest_ttl));
  }
  if (wanted.no_expiry.value_or(false)) throw BadArgument("ttl_seconds and no_expiry exclude each other");
  spec.ttl = Duration{std::chrono::seconds{*wanted.ttl_seconds}};
}

BranchOutcome create(WorkspaceClient const& w, Workspace const& workspace, Call& call, std::string const& project,
                     BranchArguments const& wanted) {
  postgres::Branch request;
  auto& spec = request.spec.emplace();
  spec.is_protected = wanted.is_protected;
  set_expiry(spec, wanted);
  if (!spec.ttl) spec.no_expiry = true;
  if (wanted.source_branch) {
    spec.source_branch = tools::is_path(*wanted.source_branch)
                             ? *wanted.source_branch
                             : fmt::format("{}/branches/{}", project, *wanted.source_branch);
  }
  auto const& id = *wanted.branch_id;
  auto const branch = tools::attempt(fmt::format("create branch '{}'", id), [&] {
    return w.postgres.create_branch(project, request, id).wait(workspace.wait(call, "creating the branch " + id));
  });
  BranchOutcome outcome;
  show(outcome, branch);
  outcome.status = "CREATED";
  outcome.created = true;
  if (branch.status) {
    outcome.state = word(branch.status->current_state);
    outcome.is_default = branch.status->default_.value_or(false);
    outcome.logical_size_bytes = branch.status->logical_size_bytes;
  }
  add_endpoint(outcome, w, workspace, call, wanted);
  return outcome;
}

BranchOutcome update(WorkspaceClient const& w, Workspace const& workspace, Call& call, std::string const& name,
                     BranchArguments const& wanted) {
  postgres::Branch request;
  auto& spec = request.spec.emplace();
  spec.is_protected = wanted.is_protected;
  set_expiry(spec, wanted);
  if (wanted.no_expiry.value_or(false)) spec.no_expiry = true;
  bool const changes_branch = wanted.is_protected || spec.ttl || spec.no_expiry;
  BranchOutcome outcome;
  outcome.name = name;
  outcome.created = false;
  outcome.status = changes_branch || has_settings(wanted) ? "UPDATED" : "NO_CHANGES";
  if (changes_branch) {
    auto const id = tools::id_of(name);
    show(outcome, tools::attempt(fmt::format("update branch '{}'", id), [&] {
           return w.postgres.update_branch(name, request, set_fields(request))
               .wait(workspace.wait(call, "changing the branch " + id));
         }));
  }
  if (has_settings(wanted)) add_endpoint(outcome, w, workspace, call, wanted);
  return outcome;
}

bool exists(WorkspaceClient const& w, std::string const& branch) {
  try {
    static_cast<void>(w.postgres.get_branch(branch));
    return true;
  } catch (NotFound const&) {
    return false;
  }
}

BranchOutcome remove(WorkspaceClient const& w, Workspace const& workspace, Call& call, std::string const& name) {
  BranchOutcome outcome;
  outcome.name = name;
  try {
    tools::attempt(fmt::format("delete branch '{}'", tools::id_of(name)), [&] {
      w.postgres.delete_branch(name).wait(workspace.wait(call, "deleting the branch " + tools::id_of(name)));
    });
    outcome.status = "deleted";
  } catch (ApiError const& error) {
    if (error.http_status() != 404) throw;
    outcome.status = "NOT_FOUND";
    outcome.error = fmt::format("Branch '{}' not found.", name);
  }
  return outcome;
}

ToolResult act(Workspace& workspace, Call& call, BranchArguments const& arguments) {
  auto const action = action_of(arguments.action, branch_actions);
  if (action == "delete") {
    auto const name = arguments.name.value_or("");
    auto const target = tools::parse_target(name);
    if (target.branch.empty() || !target.endpoint.empty()) {
      throw Refusal{"delete requires: name (full branch name)"};
    }
    workspace.require_in_scope(target.project);
    if (auto instead = asked_before_delete(workspace, call, "the branch " + name)) return *instead;
    return result_of(json_of(remove(workspace.client(call), workspace, call, name)));
  }
  if (arguments.project_name.value_or("").empty() || arguments.branch_id.value_or("").empty()) {
    throw Refusal{"create_or_update requires: project_name, branch_id"};
  }
  auto const project = "projects/" + project_id(workspace, *arguments.project_name);
  require_id("branch_id", *arguments.branch_id);
  auto const name = fmt::format("{}/branches/{}", project, *arguments.branch_id);
  auto const w = workspace.client(call);
  return result_of(json_of(exists(w, name) ? update(w, workspace, call, name, arguments)
                                           : create(w, workspace, call, project, arguments)));
}

}  // namespace

Tool branch_tool(Workspace& workspace, std::string const& action) {
  auto tool = typed_tool<BranchArguments>(
      "manage_lakebase_branch",
      "Creates, changes and deletes branches of a Lakebase Autoscaling project. A new branch starts as a copy of its "
      "source, and has a read-write endpoint, whose size is set here, too.",
      [&workspace](Call& call, BranchArguments const& arguments) { return act(workspace, call, arguments); },
      action.empty() ? Json::object() : Json{{"action", action}});
  tool.title = "Manage Lakebase branches";
  tool.output_schema = schema_of<BranchOutcome>();
  return tool;
}

}  // namespace lakebase::mcp
