#include "database/instance_permissions.hpp"

#include "database/instance_lookup.hpp"
#include "database/paths.hpp"
#include "engine/call.hpp"
#include "postgres/registered.hpp"

namespace lakebase::emulator {
namespace {

using Names = std::vector<std::string>;

Names those_of(std::string name) {
  return name.empty() ? Names{} : Names{std::move(name)};
}

std::string name_by_uid(State const& state, std::string_view uid) {
  for (auto const& project : state.projects) {
    if (project.instance && project.uid == uid) return project.instance->name;
  }
  return {};
}

// The instance that holds something registered in Unity Catalog.
template <class Record>
std::string holder(State const& state, Records<Record> BranchRecord::*member, std::string_view name) {
  auto const held = find_held(state, member, name);
  auto const* const project = held.record == nullptr ? nullptr : state.projects.find(held.branch.project());
  return project == nullptr || !project->instance ? std::string{} : project->instance->name;
}

std::string holder_of(State const& state, std::string_view collection, std::string_view name) {
  if (collection == "catalogs") return holder(state, &BranchRecord::catalogs, name);
  if (collection == "tables") return holder(state, &BranchRecord::tables, name);
  return collection == "synced_tables" ? holder(state, &BranchRecord::synced_tables, name) : std::string{};
}

// The instance in which something is to be registered.
std::string holder_to_be(State const& state, std::string_view collection, Json const& body) {
  auto named = text_at(body, {"database_instance_name"});
  if (!named.empty() || collection == "catalogs") return named;
  auto const table = text_at(body, {"name"});
  return holder_of(state, "catalogs", std::string_view{table}.substr(0, table.find('.')));
}

Names of_credential(Json const& body) {
  Names names;
  if (!body.is_object() || !body.contains("instance_names") || !body.at("instance_names").is_array()) return names;
  for (auto const& name : body.at("instance_names")) {
    if (name.is_string()) names.push_back(name.get<std::string>());
  }
  return names;
}

Names named_by(State const& state, Call const& call) {
  auto const& path = call.path;
  auto const begins = [&](std::string_view api, std::string_view collection) {
    return path.size() > 3 && path[2] == api && path[3] == collection;
  };
  bool const names_one = path.size() > 4;
  if (begins("permissions", "database-instances")) return names_one ? those_of(path[4]) : Names{};
  if (path.size() <= 3 || path[2] != "database") return {};
  if (begins("database", "instances:findByUid")) return those_of(name_by_uid(state, call.query.text("uid")));
  if (begins("database", "credentials")) return of_credential(call.body);
  if (begins("database", "instances")) {
    return those_of(names_one ? path[4] : text_at(call.body, {"parent_instance_ref", "name"}));
  }
  return those_of(names_one ? holder_of(state, path[3], path[4]) : holder_to_be(state, path[3], call.body));
}

}  // namespace

PermissionScope instances_scope() {
  return {
      .type = "database-instances",
      .noun = "instance",
      .live = [](State const& state, std::string const& name) -> ProjectRecord const& {
        return live_instance(state, name);
      },
      .named_by = named_by,
      .find = [](State const& state, std::string const& name) { return find_instance(state, name); },
  };
}

}  // namespace lakebase::emulator
