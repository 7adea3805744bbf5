#include "postgres/permissions.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "engine/call.hpp"
#include "engine/router.hpp"
#include "postgres/identities.hpp"
#include "postgres/registered.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::string_view admins = "admins";

struct PrincipalKind {
  std::string_view field;
  std::string_view identity_type;
  std::string_view shown;
};
constexpr std::array<PrincipalKind, 3> principal_kinds = {
    {{"user_name", "USER", "UserName"},
     {"group_name", "GROUP", "GroupName"},
     {"service_principal_name", "SERVICE_PRINCIPAL", "ServicePrincipalName"}}};

bool is_known_group(WorkspaceOptions const& options, std::string_view group) {
  return group == admins || group == "users" || identity_exists(options, "GROUP", std::string{group});
}

bool is_known(WorkspaceOptions const& options, PrincipalKind const& kind, std::string const& principal) {
  if (kind.field == "group_name") return is_known_group(options, principal);
  return identity_exists(options, std::string{kind.identity_type}, principal);
}

PermissionRecord entry_from(WorkspaceOptions const& options, Fields const& fields) {
  PermissionRecord entry;
  PrincipalKind const* found = nullptr;
  bool has_several = false;
  for (auto const& kind : principal_kinds) {
    auto const principal = fields.text(kind.field);
    if (!principal) continue;
    has_several = found != nullptr;
    found = &kind;
    entry.kind = kind.field;
    entry.principal = *principal;
    if (has_several) break;
  }
  if (found == nullptr || has_several) {
    throw invalid(fmt::format("Exactly one of '{}', '{}' and '{}' must be set.", fields.path_of("user_name"),
                              fields.path_of("group_name"), fields.path_of("service_principal_name")));
  }
  auto const level = fields.text("permission_level");
  if (!level) throw required_field(fields.path_of("permission_level"));
  if (*level != "CAN_USE" && *level != "CAN_MANAGE") {
    throw invalid(fmt::format("Field '{}' must be one of CAN_USE, CAN_MANAGE, got '{}'.",
                              fields.path_of("permission_level"), *level));
  }
  entry.level = *level;
  if (!is_known(options, *found, entry.principal)) {
    throw ServiceError{404, "RESOURCE_DOES_NOT_EXIST",
                       fmt::format("Principal: {}({}) does not exist", found->shown, entry.principal)};
  }
  if (entry.principal == admins && found->field == "group_name" && *level != "CAN_MANAGE") {
    throw invalid("The group 'admins' has CAN_MANAGE on everything, which cannot be lowered.");
  }
  return entry;
}

bool is_email(std::string_view name) {
  return name.find('@') != std::string_view::npos;
}

// What was given so far: at first, that the owner manages the project.
std::vector<PermissionRecord> given(ProjectRecord const& project) {
  if (project.permissions_changed) return project.permissions;
  return {{is_email(project.owner) ? "user_name" : "service_principal_name", project.owner, "CAN_MANAGE"}};
}

void put_entry(std::vector<PermissionRecord>& entries, PermissionRecord entry) {
  auto const same = std::find_if(entries.begin(), entries.end(), [&](PermissionRecord const& other) {
    return other.kind == entry.kind && other.principal == entry.principal;
  });
  if (same == entries.end()) {
    entries.push_back(std::move(entry));
  } else {
    same->level = std::move(entry.level);
  }
}

std::string display_name_of(WorkspaceOptions const& options, PermissionRecord const& entry) {
  for (auto const& principal : options.service_principals) {
    if (principal.application_id == entry.principal && !principal.display_name.empty()) return principal.display_name;
  }
  return entry.principal.substr(0, entry.principal.find('@'));
}

Json permissions_view(WorkspaceOptions const& options, PermissionScope const& scope, std::string const& name,
                      ProjectRecord const& project) {
  Json list = Json::array();
  Json of_admins = Json::array();
  for (auto const& entry : given(project)) {
    Json const permission{{"permission_level", entry.level}, {"inherited", false}};
    if (entry.kind == "group_name" && entry.principal == admins) {
      of_admins.push_back(permission);
      continue;
    }
    Json shown{{entry.kind, entry.principal}, {"all_permissions", Json::array({permission})}};
    if (entry.kind != "group_name") shown["display_name"] = display_name_of(options, entry);
    list.push_back(std::move(shown));
  }
  of_admins.push_back(Json{{"permission_level", "CAN_MANAGE"},
                           {"inherited", true},
                           {"inherited_from_object", Json::array({fmt::format("/{}/", scope.type)})}});
  list.push_back(Json{{"group_name", admins}, {"all_permissions", std::move(of_admins)}});
  return Json{{"object_id", fmt::format("/{}/{}", scope.type, name)},
              {"object_type", scope.type},
              {"access_control_list", std::move(list)}};
}

Json permission_levels(std::string_view noun) {
  auto const level = [](std::string_view name, std::string description) {
    return Json{{"permission_level", name}, {"description", std::move(description)}};
  };
  return Json{
      {"permission_levels",
       Json::array({level("CAN_USE", fmt::format("Can use and connect to the {}", noun)),
                    level("CAN_MANAGE", fmt::format("Can change and delete the {}, and its permissions", noun))})}};
}

bool is_given_to(WorkspaceOptions const& options, PermissionRecord const& entry, Identity const& who) {
  if (entry.kind != "group_name") return entry.principal == who.name;
  auto const& groups = options.groups;
  return entry.principal == "users" || std::find(groups.begin(), groups.end(), entry.principal) != groups.end();
}

std::string project_in(std::string const& resource) {
  auto const name = parse_name(resource);
  return name ? name->project() : std::string{};
}

// Of what is registered in Unity Catalog, the project of the branch that holds it, or is to hold it.
std::string project_of_registered(State const& state, Call const& call) {
  auto const holder_of = [&](auto member, std::string_view id) {
    auto const held = find_held(state, member, id);
    return held.record == nullptr ? std::string{} : held.branch.project();
  };
  auto const& collection = call.path[3];
  if (call.path.size() > 4) {
    if (collection == "catalogs") return holder_of(&BranchRecord::catalogs, call.path[4]);
    if (collection == "synced_tables") return holder_of(&BranchRecord::synced_tables, call.path[4]);
    return collection == "tables" ? holder_of(&BranchRecord::tables, call.path[4]) : std::string{};
  }
  if (collection == "tables") return project_in(text_at(call.body, {"database"}));
  if (collection != "catalogs" && collection != "synced_tables") return {};
  auto const branch = text_at(call.body, {"spec", "branch"});
  if (!branch.empty() || collection == "catalogs") return project_in(branch);
  auto const id = call.query.text("synced_table_id");
  return holder_of(&BranchRecord::catalogs, id.substr(0, id.find('.')));
}

// Of the first synced table that it fills.
std::string project_of_pipeline(State const& state, std::string_view pipeline) {
  for (auto const& project : state.projects) {
    for (auto const& branch : project.branches) {
      for (auto const& table : branch.synced_tables) {
        if (table.pipeline_id == pipeline) return project.id;
      }
    }
  }
  return {};
}

// The id of the project that a call is about; empty: none.
std::string project_of(State const& state, Call const& call) {
  auto const& path = call.path;
  auto const begins = [&](std::initializer_list<std::string_view> segments) {
    return path.size() > segments.size() && std::equal(segments.begin(), segments.end(), path.begin());
  };
  if (begins({"api", "2.0", "postgres", "projects"})) return path[4];
  if (begins({"api", "2.0", "permissions", "database-projects"})) return path[4];
  if (begins({"api", "2.0", "pipelines"})) return project_of_pipeline(state, path[3]);
  if (!begins({"api", "2.0", "postgres"})) return {};
  return path[3] == "credentials" ? project_in(text_at(call.body, {"endpoint"})) : project_of_registered(state, call);
}

// What is a database instance's is not there for the API of projects.
ServiceError hidden(std::string_view collection) {
  if (collection == "catalogs") return not_found("catalog id not found");
  if (collection == "synced_tables") return not_found("synced table id not found");
  return collection == "tables" ? not_found("table not found") : project_not_found();
}

void hide_instances(State const& state, Call const& call) {
  auto const id = project_of(state, call);
  auto const* const project = id.empty() ? nullptr : state.projects.find(id);
  if (project != nullptr && !is_project(*project) && call.path[2] != "pipelines") throw hidden(call.path[3]);
}

constexpr PermissionScope projects_scope{
    .type = "database-projects",
    .noun = "project",
    .live = [](State const& state, std::string const& id) -> ProjectRecord const& { return live_project(state, id); },
    .named_by =
        [](State const& state, Call const& call) {
          auto const id = project_of(state, call);
          return id.empty() ? std::vector<std::string>{} : std::vector{id};
        },
    .find = [](State const& state, std::string const& id) { return state.projects.find(id); },
};

}  // namespace

std::string text_at(Json const& body, std::initializer_list<char const*> names) {
  auto const* place = &body;
  for (auto const* name : names) {
    if (!place->is_object() || !place->contains(name)) return {};
    place = &place->at(name);
  }
  return place->is_string() ? place->get<std::string>() : std::string{};
}

bool is_permitted(WorkspaceOptions const& options, ProjectRecord const& project, Identity const& who,
                  PermissionLevel level) {
  if (who.type == Identity::Type::user || !project.permissions_changed) return true;
  return std::any_of(project.permissions.begin(), project.permissions.end(), [&](PermissionRecord const& entry) {
    return is_given_to(options, entry, who) && (level == PermissionLevel::can_use || entry.level == "CAN_MANAGE");
  });
}

Permissions::Permissions(Workspace& workspace, std::vector<PermissionScope> others)
    : workspace_(workspace), scopes_(std::move(others)) {
  scopes_.push_back(projects_scope);
}

void Permissions::routes(Router& router) {
  for (auto const& scope : scopes_) {
    auto const path = fmt::format("api/2.0/permissions/{}/*", scope.type);
    router.add("GET", path, [this, &scope](Call const& call) { return get(scope, call.path.back()); });
    router.add("PATCH", path, [this, &scope](Call const& call) { return add(scope, call.path.back(), call); });
    router.add("PUT", path, [this, &scope](Call const& call) { return replace(scope, call.path.back(), call); });
    router.add("GET", path + "/permissionLevels", [this, &scope](Call const& call) {
      get(scope, call.path.at(call.path.size() - 2));
      return permission_levels(scope.noun);
    });
  }
}

Json Permissions::get(PermissionScope const& scope, std::string const& name) const {
  return workspace_.read(
      [&](State const& state) { return permissions_view(workspace_.options(), scope, name, scope.live(state, name)); });
}

std::vector<PermissionRecord> Permissions::entries(Call const& call) const {
  std::vector<PermissionRecord> entries;
  for (auto const& fields : call.fields().list("access_control_list")) {
    put_entry(entries, entry_from(workspace_.options(), fields));
  }
  return entries;
}

Json Permissions::add(PermissionScope const& scope, std::string const& name, Call const& call) {
  get(scope, name);
  auto const added = entries(call);
  workspace_.change([&](State& state) {
    auto& project = live_project(state, scope.live(state, name).id);
    auto all = given(project);
    for (auto const& entry : added) put_entry(all, entry);
    project.permissions_changed = project.permissions_changed || !added.empty();
    project.permissions = std::move(all);
  });
  return get(scope, name);
}

Json Permissions::replace(PermissionScope const& scope, std::string const& name, Call const& call) {
  get(scope, name);
  auto all = entries(call);
  workspace_.change([&](State& state) {
    auto& project = live_project(state, scope.live(state, name).id);
    project.permissions_changed = true;
    project.permissions = std::move(all);
  });
  return get(scope, name);
}

void Permissions::require(std::string_view method, Call const& call) const {
  auto const state = workspace_.state();
  hide_instances(*state, call);
  bool const mints = call.path.size() > 3 && call.path[3] == "credentials";
  bool const only_uses = mints || method == "GET" || method == "HEAD";
  auto const level = only_uses ? PermissionLevel::can_use : PermissionLevel::can_manage;
  for (auto const& scope : scopes_) {
    for (auto const& name : scope.named_by(*state, call)) {
      auto const* const project = scope.find(*state, name);
      if (project == nullptr || is_permitted(workspace_.options(), *project, call.caller, level)) continue;
      throw ServiceError{403, "PERMISSION_DENIED",
                         fmt::format("{} does not have '{}' permission on the database {} '{}'.", call.caller.name,
                                     only_uses ? "Can Use" : "Can Manage", scope.noun, name)};
    }
  }
}

}  // namespace lakebase::emulator
