#include "database/role.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "database/instance_lookup.hpp"
#include "database/paths.hpp"
#include "database/request_types.hpp"
#include "engine/paging.hpp"
#include "postgres/identities.hpp"
#include "postgres/sql_roles.hpp"

namespace lakebase::emulator {
namespace {

RoleRecord const* find_by_name(ProjectRecord const& project, std::string_view name) {
  auto const& roles = branch_of_instance(project).roles;
  auto const found =
      std::find_if(roles.begin(), roles.end(), [&](RoleRecord const& role) { return role.postgres_role == name; });
  return found == roles.end() ? nullptr : &*found;
}

RoleRecord const& role_by_name(ProjectRecord const& project, std::string_view name) {
  auto const* const found = find_by_name(project, name);
  if (found == nullptr) {
    throw ServiceError{404, "NOT_FOUND",
                       fmt::format("Role '{}' of database instance '{}' not found", name, project.instance->name)};
  }
  return *found;
}

ResourceName name_of_role(ProjectRecord const& project, RoleRecord const& role) {
  return name_of_branch(project).child(role_kind, role.id);
}

Json role_json(ProjectRecord const& project, RoleRecord const& role) {
  Json const attributes{{"bypassrls", role.bypassrls}, {"createdb", role.createdb}, {"createrole", role.createrole}};
  Json json{{"name", role.postgres_role},
            {"instance_name", project.instance->name},
            {"identity_type", role.identity_type.empty() ? "PG_ONLY" : role.identity_type},
            {"attributes", attributes},
            {"effective_attributes", attributes}};
  if (role.databricks_superuser) json["membership_role"] = "DATABRICKS_SUPERUSER";
  return json;
}

// What the body has.
void take_rights(Fields const& body, RoleRecord& role) {
  auto const attributes = body.message("attributes");
  role.bypassrls = attributes.flag("bypassrls").value_or(role.bypassrls);
  role.createdb = attributes.flag("createdb").value_or(role.createdb);
  role.createrole = attributes.flag("createrole").value_or(role.createrole);
  if (!body.choice("membership_role", {"DATABRICKS_SUPERUSER"}).empty()) role.databricks_superuser = true;
}

RoleRecord role_in(WorkspaceOptions const& options, Fields const& body) {
  RoleRecord role;
  role.postgres_role = body.identifier("name", "");
  if (role.postgres_role.empty()) throw required_field(body.path_of("name"));
  auto const type = body.choice("identity_type", {"USER", "SERVICE_PRINCIPAL", "GROUP", "PG_ONLY"});
  if (type != "PG_ONLY") role.identity_type = type;
  role.auth_method = role.identity_type.empty() ? "PG_PASSWORD_SCRAM_SHA_256" : "LAKEBASE_OAUTH_V1";
  if (!role.identity_type.empty() && !identity_exists(options, role.identity_type, role.postgres_role)) {
    throw ServiceError{404, "NOT_FOUND", fmt::format("Identity '{}' not found", role.postgres_role)};
  }
  take_rights(body, role);
  return role;
}

}  // namespace

void InstanceRoles::routes(Router& router) {
  auto const path = fmt::format("{}instances/*/roles", database_api);
  router.add("GET", path, [this](Call const& call) { return list(named_in(call), call.query); });
  router.add("POST", path, [this](Call const& call) { return create(named_in(call), call); });
  router.add("GET", path + "/*", [this](Call const& call) { return get(named_in(call), call.path.back()); });
  router.add("PATCH", path + "/*", [this](Call const& call) { return update(named_in(call), call.path.back(), call); });
  router.add("DELETE", path + "/*",
             [this](Call const& call) { return remove(named_in(call), call.path.back(), call.query); });
}

// For those that SQL has made; not of an instance whose server must not be woken.
void InstanceRoles::look(std::string const& instance) const {
  auto const state = workspace_.state();
  auto const& project = live_instance(*state, instance);
  if (!project.creating && !is_stopped(project)) roles_.sql_roles().look(name_of_branch(project));
}

Json InstanceRoles::get(std::string const& instance, std::string const& name) const {
  look(instance);
  auto const state = workspace_.state();
  auto const& project = live_instance(*state, instance);
  return role_json(project, role_by_name(project, name));
}

Json InstanceRoles::list(std::string const& instance, Query const& query) const {
  look(instance);
  Page page{query, workspace_.mint(), fmt::format("database_instances/{}/roles", instance)};
  auto const state = workspace_.state();
  auto const& project = live_instance(*state, instance);
  Json items = Json::array();
  for (auto const& role : page.take(branch_of_instance(project).roles)) items.push_back(role_json(project, role));
  return page.response("database_instance_roles", std::move(items));
}

Json InstanceRoles::create(std::string const& instance, Call const& call) {
  auto const body = call.fields();
  check_types(body, database_request_types().at("DatabaseInstanceRole"), database_request_types());
  look(instance);
  workspace_.carry_out([&](State& state) {
    auto const& project = running_instance(state, instance);
    auto role = role_in(workspace_.options(), body);
    role.id = free_id_for_role(branch_of_instance(project), role, workspace_.random());
    return roles_.plan_create(state, name_of_branch(project), std::move(role));
  });
  return get(instance, body.required_text("name"));
}

Json InstanceRoles::update(std::string const& instance, std::string const& name, Call const& call) {
  auto const body = call.fields();
  check_types(body, database_request_types().at("DatabaseInstanceRole"), database_request_types());
  look(instance);
  workspace_.carry_out([&](State& state) {
    auto const& project = running_instance(state, instance);
    auto wanted = role_by_name(project, name);
    take_rights(body, wanted);
    return roles_.plan_change(state, name_of_role(project, wanted), wanted);
  });
  return get(instance, name);
}

Json InstanceRoles::remove(std::string const& instance, std::string const& name, Query const& query) {
  bool const allow_missing = query.flag("allow_missing");
  look(instance);
  auto const found = workspace_.read(
      [&](State const& state) { return find_by_name(live_instance(state, instance), name) != nullptr; });
  if (!found && allow_missing) return Json::object();
  workspace_.carry_out([&](State& state) {
    auto const& project = running_instance(state, instance);
    auto const& role = role_by_name(project, name);
    auto const new_owner = query.text("reassign_owned_to");
    auto const new_owner_id = new_owner.empty() ? std::string{} : role_by_name(project, new_owner).id;
    return roles_.plan_remove(state, name_of_role(project, role), new_owner_id);
  });
  return Json::object();
}

}  // namespace lakebase::emulator
