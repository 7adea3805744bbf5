#include "mcp/tools/snapshot_tool.hpp"

#include <fmt/format.h>
#include <lakebase/error.hpp>

#include "tools/errors.hpp"
#include "tools/target.hpp"

namespace lakebase::mcp {
namespace {

constexpr std::string_view snapshot_actions = "create, list, restore, delete";

struct SnapshotArguments {
  std::string action{};
  std::optional<std::string> project_name{};
  std::optional<std::string> snapshot_id{};
  std::optional<std::string> source_branch{};
  std::optional<std::int64_t> ttl_seconds{};
  std::optional<std::string> branch_id{};
  std::optional<std::string> confirm{};

  template <class Field>
  static void describe(Field&& field) {
    field("action", &SnapshotArguments::action, "create, list, restore or delete");
    field("project_name", &SnapshotArguments::project_name,
          "Project, as its id or as projects/ID; default: the only one");
    field("snapshot_id", &SnapshotArguments::snapshot_id, "Id of the snapshot; for all but list");
    field("source_branch", &SnapshotArguments::source_branch,
          "Branch to take it of, as its id or its full name; default: the project's default branch; for create");
    field("ttl_seconds", &SnapshotArguments::ttl_seconds,
          "Delete the snapshot this long after; default: it is kept; for create");
    field("branch_id", &SnapshotArguments::branch_id, "Id of the new branch with the snapshot's data; for restore");
    field("confirm", &SnapshotArguments::confirm, "The code of the confirmation that this tool asked for before");
  }
};

struct SnapshotResult {
  std::optional<std::string> name{};
  std::optional<std::string> source_branch{};
  std::optional<std::string> create_time{};
  std::optional<std::string> expire_time{};
  std::optional<std::int64_t> full_size_bytes{};

  template <class Field>
  static void describe(Field&& field) {
    field("name", &SnapshotResult::name);
    field("source_branch", &SnapshotResult::source_branch);
    field("create_time", &SnapshotResult::create_time);
    field("expire_time", &SnapshotResult::expire_time);
    field("full_size_bytes", &SnapshotResult::full_size_bytes);
  }
};

struct SnapshotOutcome {
  std::optional<std::string> status{};
  std::optional<SnapshotResult> snapshot{};
  std::optional<std::vector<SnapshotResult>> snapshots{};
  std::optional<std::string> branch{};
  std::optional<std::string> message{};
  std::optional<std::string> error{};
  std::optional<std::string> confirm{};

  template <class Field>
  static void describe(Field&& field) {
    field("status", &SnapshotOutcome::status);
    field("snapshot", &SnapshotOutcome::snapshot);
    field("snapshots", &SnapshotOutcome::snapshots);
    field("branch", &SnapshotOutcome::branch, "Full name of the branch that was made");
    field("message", &SnapshotOutcome::message);
    field("error", &SnapshotOutcome::error);
    field("confirm", &SnapshotOutcome::confirm, "To be brought back, if the user agrees");
  }
};

SnapshotResult show(postgres::Snapshot const& snapshot) {
  SnapshotResult result;
  result.name = snapshot.name;
  if (snapshot.create_time) result.create_time = snapshot.create_time->to_string();
  if (!snapshot.status) return result;
  result.source_branch = snapshot.status->source_branch;
  if (snapshot.status->expire_time) result.expire_time = snapshot.status->expire_time->to_string();
  result.full_size_bytes = snapshot.status->full_size_bytes;
  return result;
}

SnapshotOutcome create(WorkspaceClient const& w, Workspace& workspace, Call& call, std::string const& project,
                       SnapshotArguments const& wanted) {
  postgres::Snapshot request;
  auto& spec = request.spec.emplace();
  auto const branch = wanted.source_branch.value_or("");
  spec.source_branch = branch.empty()           ? workspace.place(call, project)
                       : tools::is_path(branch) ? branch
                                                : fmt::format("{}/branches/{}", project, branch);
  if (wanted.ttl_seconds) {
    if (*wanted.ttl_seconds < 1) throw BadArgument("ttl_seconds must be at least 1");
    spec.ttl = Duration{std::chrono::seconds{*wanted.ttl_seconds}};
  } else {
    spec.no_expiry = true;
  }
  auto const& id = *wanted.snapshot_id;
  SnapshotOutcome outcome;
  outcome.snapshot = show(tools::attempt(fmt::format("create snapshot '{}'", id), [&] {
    return w.postgres.create_snapshot(project, request, id).wait(workspace.wait(call, "taking the snapshot " + id));
  }));
  outcome.status = "CREATED";
  return outcome;
}

SnapshotOutcome restore(WorkspaceClient const& w, Workspace const& workspace, Call& call, std::string const& project,
                        SnapshotArguments const& wanted) {
  auto const id = wanted.branch_id.value_or("");
  if (id.empty()) throw Refusal{"restore requires: snapshot_id, branch_id"};
  postgres::Branch request;
  auto& spec = request.spec.emplace();
  spec.source_snapshot = fmt::format("{}/snapshots/{}", project, *wanted.snapshot_id);
  spec.no_expiry = true;
  auto const branch = tools::attempt(fmt::format("create branch '{}'", id), [&] {
    return w.postgres.create_branch(project, request, id).wait(workspace.wait(call, "creating the branch " + id));
  });
  SnapshotOutcome outcome;
  outcome.branch = branch.name;
  outcome.status = "RESTORED";
  outcome.message = "The data is in a branch of its own; nothing else was changed.";
  return outcome;
}

SnapshotOutcome remove(WorkspaceClient const& w, Workspace const& workspace, Call& call, std::string const& name) {
  SnapshotOutcome outcome;
  outcome.snapshot.emplace();
  outcome.snapshot->name = name;
  try {
    w.postgres.delete_snapshot(name).wait(workspace.wait(call, "deleting the snapshot"));
    outcome.status = "deleted";
  } catch (NotFound const&) {
    outcome.status = "NOT_FOUND";
    outcome.error = fmt::format("Snapshot '{}' not found.", name);
  }
  return outcome;
}

ToolResult act(Workspace& workspace, Call& call, SnapshotArguments const& arguments) {
  auto const action = action_of(arguments.action, snapshot_actions);
  auto const given = arguments.project_name.value_or("");
  auto const project = given.empty() ? "projects/" + tools::parse_target(workspace.place(call, "")).project
                                     : "projects/" + project_id(workspace, given);
  auto const w = workspace.client(call);
  if (action == "list") {
    SnapshotOutcome outcome;
    outcome.snapshots.emplace();
    for (auto const& snapshot : w.postgres.list_snapshots(project)) outcome.snapshots->push_back(show(snapshot));
    return result_of(json_of(outcome));
  }
  if (arguments.snapshot_id.value_or("").empty()) throw Refusal{fmt::format("{} requires: snapshot_id", action)};
  require_id("snapshot_id", *arguments.snapshot_id);
  if (action == "create") return result_of(json_of(create(w, workspace, call, project, arguments)));
  if (action == "restore") return result_of(json_of(restore(w, workspace, call, project, arguments)));
  auto const name = fmt::format("{}/snapshots/{}", project, *arguments.snapshot_id);
  if (auto instead = asked_before_delete(workspace, call, "the snapshot " + name)) return *instead;
  return result_of(json_of(remove(w, workspace, call, name)));
}

}  // namespace

Tool snapshot_tool(Workspace& workspace) {
  auto tool = typed_tool<SnapshotArguments>(
      "snapshot_lakebase",
      "Takes snapshots of branches, lists and deletes them, and makes a branch of one to get its data back.",
      [&workspace](Call& call, SnapshotArguments const& arguments) { return act(workspace, call, arguments); });
  tool.title = "Lakebase snapshots";
  tool.output_schema = schema_of<SnapshotOutcome>();
  return tool;
}

}  // namespace lakebase::mcp
