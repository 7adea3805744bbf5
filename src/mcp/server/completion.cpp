#include "mcp/server/completion.hpp"

#include <fmt/format.h>
#include <lakebase/error.hpp>

#include "tools/describe.hpp"
#include "tools/target.hpp"

namespace lakebase::mcp {
namespace {

using Names = std::vector<std::string>;

template <class Pager>
Names ids_in(Pager const& pager) {
  Names names;
  for (auto const& item : pager) names.push_back(tools::id_of(item.name.value_or("")));
  return names;
}

Names projects(Workspace& workspace, Call& call) {
  auto const& confined_to = workspace.options().project;
  return confined_to.empty() ? ids_in(workspace.client(call).postgres.list_projects()) : Names{confined_to};
}

/// Paths that begin as what was typed: of projects, and of their branches once the project is complete.
Names targets(Workspace& workspace, Call& call, std::string const& typed) {
  Names names;
  auto const slash = typed.rfind("/branches");
  if (slash != std::string::npos) {
    auto const project = "projects/" + project_id(workspace, typed.substr(0, slash));
    for (auto const& id : ids_in(workspace.client(call).postgres.list_branches(project))) {
      names.push_back(fmt::format("{}/branches/{}", project, id));
    }
    return names;
  }
  for (auto const& id : projects(workspace, call)) names.push_back("projects/" + id);
  return names;
}

Names tables(Workspace& workspace, Call& call, std::string const& branch) {
  Names names;
  auto session = workspace.connect(call, branch, std::nullopt);
  for (auto const& table : tools::describe_database(session, {}, {.stop = call.stop()}).tables) {
    names.push_back(fmt::format("{}.{}", table.schema, table.name));
  }
  return names;
}

Names all(Workspace& workspace, Call& call, std::string const& name, std::string const& typed) {
  auto const& given = member(member(call.params(), "context"), "arguments");
  auto const project = "projects/" + text_of(given, "project");
  auto const branch = fmt::format("{}/branches/{}", project, text_of(given, "branch"));
  if (name == "target") return targets(workspace, call, typed);
  if (name == "project") return projects(workspace, call);
  if (text_of(given, "project").empty()) return {};
  workspace.require_in_scope(text_of(given, "project"));
  if (name == "branch") return ids_in(workspace.client(call).postgres.list_branches(project));
  if (text_of(given, "branch").empty()) return {};
  if (name == "endpoint") return ids_in(workspace.client(call).postgres.list_endpoints(branch));
  return name == "table" ? tables(workspace, call, branch) : Names{};
}

}  // namespace

std::vector<std::string> completions(Workspace& workspace, Call& call) {
  auto const& argument = member(call.params(), "argument");
  auto const typed = text_of(argument, "value");
  try {
    auto names = all(workspace, call, text_of(argument, "name"), typed);
    std::erase_if(names, [&](std::string const& name) { return !name.starts_with(typed); });
    return names;
  } catch (Refusal const&) {
  } catch (Error const&) {
    // What cannot be listed is not completed.
    if (call.stop().stop_requested()) throw Stopped{};
  }
  return {};
}

}  // namespace lakebase::mcp
