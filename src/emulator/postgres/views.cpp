#include "postgres/views.hpp"

#include <algorithm>
#include <cmath>

namespace lakebase::emulator {
namespace {

constexpr std::int64_t branch_size_limit = 8'796'093'022'208;

std::string_view state_text(ComputeState state) {
  switch (state) {
    case ComputeState::init:
      return "INIT";
    case ComputeState::active:
      return "ACTIVE";
    case ComputeState::idle:
      return "IDLE";
  }
  return "INIT";
}

std::string endpoint_type(EndpointRecord const& endpoint) {
  return endpoint.read_only ? "ENDPOINT_TYPE_READ_ONLY" : "ENDPOINT_TYPE_READ_WRITE";
}

// `no_suspension` is a member of a project's settings, but not of an endpoint's status.
void put_compute(Json& json, ComputeSpec const& compute, bool says_never) {
  json["autoscaling_limit_min_cu"] = cu_json(compute.min_cu);
  json["autoscaling_limit_max_cu"] = cu_json(compute.max_cu);
  if (compute.suspend_after) {
    json["suspend_timeout_duration"] = to_text(*compute.suspend_after);
  } else if (says_never) {
    json["no_suspension"] = true;
  }
}

Json default_settings(ComputeSpec const& defaults) {
  Json json = Json::object();
  put_compute(json, defaults, true);
  if (!defaults.pg_settings.empty()) json["pg_settings"] = defaults.pg_settings;
  return json;
}

Json tags_json(std::vector<TagRecord> const& tags) {
  Json list = Json::array();
  for (auto const& tag : tags) list.push_back(Json{{"key", tag.key}, {"value", tag.value}});
  return list;
}

// What spec and status of a project have in common.
void put_project_settings(Json& json, ProjectRecord const& project) {
  json["display_name"] = project.display_name;
  json["pg_version"] = project.pg_version;
  json["default_branch"] = branch_name(project.id, project.default_branch_id).text();
  json["default_endpoint_settings"] = default_settings(project.defaults);
  json["history_retention_duration"] = to_text(project.history_retention);
  json["enable_pg_native_login"] = project.enable_pg_native_login;
  if (project.budget_policy_id) json["budget_policy_id"] = *project.budget_policy_id;
  if (!project.custom_tags.empty()) json["custom_tags"] = tags_json(project.custom_tags);
}

Json settings_json(EndpointRecord const& endpoint) {
  Json json = Json::object();
  if (!endpoint.compute.pg_settings.empty()) json["pg_settings"] = endpoint.compute.pg_settings;
  return json;
}

Json group_json(EndpointRecord const& endpoint) {
  return Json{{"min", 1}, {"max", 1}, {"enable_readable_secondaries", endpoint.read_only}};
}

Json attributes_json(RoleRecord const& role) {
  return Json{{"createdb", role.createdb}, {"createrole", role.createrole}, {"bypassrls", role.bypassrls}};
}

void put_role_settings(Json& json, RoleRecord const& role) {
  json["postgres_role"] = role.postgres_role;
  json["identity_type"] = role.identity_type.empty() ? "IDENTITY_TYPE_UNSPECIFIED" : role.identity_type;
  json["auth_method"] = role.auth_method;
  json["attributes"] = attributes_json(role);
  if (role.databricks_superuser) json["membership_roles"] = Json::array({"DATABRICKS_SUPERUSER"});
}

}  // namespace

Json cu_json(double cu) {
  if (std::floor(cu) == cu) return static_cast<std::int64_t>(cu);
  return cu;
}

std::optional<ComputeStatus> Views::status(EndpointRecord const& endpoint) const {
  if (endpoint.creating) return std::nullopt;
  try {
    return workspace_.computes().status(endpoint.uid);
  } catch (DataPlaneError const&) {
    return std::nullopt;  // deleted since the copy was taken, or soft-deleted
  }
}

std::optional<TimePoint> Views::last_active(ProjectRecord const& project) const {
  std::optional<TimePoint> latest;
  for (auto const& branch : project.branches) {
    for (auto const& endpoint : branch.endpoints) {
      auto const compute = status(endpoint);
      if (compute && compute->last_active.time_since_epoch().count() != 0) {
        latest = std::max(latest.value_or(TimePoint{}), TimePoint{compute->last_active});
      }
    }
  }
  return latest;
}

Json Views::project(ProjectRecord const& project) const {
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
  status["synthetic_storage_size_bytes"] = 0;
  if (auto const latest = last_active(project)) status["compute_last_active_time"] = to_text(rounded(*latest));
  return json;
}

Json Views::branch(ProjectRecord const& project, BranchRecord const& branch) const {
  Json json{{"name", branch_name(project.id, branch.id).text()}, {"branch_id", branch.id},
            {"parent", project_name(project.id).text()},         {"uid", branch.uid},
            {"create_time", to_text(branch.create_time)},        {"update_time", to_text(branch.update_time)}};
  std::string const source =
      branch.source_branch_id.empty() ? "" : branch_name(project.id, branch.source_branch_id).text();
  if (workspace_.options().echo_spec) {
    Json& spec = json["spec"];
    spec["is_protected"] = branch.is_protected;
    if (!source.empty()) spec["source_branch"] = source;
    if (branch.expire_time) spec["expire_time"] = to_text(*branch.expire_time);
    if (!branch.expire_time) spec["no_expiry"] = true;
  }
  Json& status = json["status"];
  status["branch_id"] = branch.id;
  status["current_state"] = branch.creating ? "INIT" : branch.delete_time ? "DELETED" : "READY";
  if (branch.creating) status["pending_state"] = "READY";
  status["default"] = branch.id == project.default_branch_id;
  status["is_protected"] = branch.is_protected;
  if (!source.empty()) status["source_branch"] = source;
  if (!branch.source_branch_lsn.empty()) status["source_branch_lsn"] = branch.source_branch_lsn;
  if (branch.source_branch_time) status["source_branch_time"] = to_text(*branch.source_branch_time);
  status["state_change_time"] = to_text(branch.state_change_time);
  if (branch.expire_time) status["expire_time"] = to_text(*branch.expire_time);
  if (branch.delete_time) status["delete_time"] = to_text(*branch.delete_time);
  if (branch.purge_time) status["purge_time"] = to_text(*branch.purge_time);
  if (branch.creating) return json;
  if (auto const size = workspace_.computes().logical_size(branch.uid)) status["logical_size_bytes"] = *size;
  return json;
}

std::string Views::endpoint_state(EndpointRecord const& endpoint, std::optional<ComputeStatus> const& status) const {
  if (endpoint.creating) return "INIT";
  return std::string(state_text(status ? status->state : ComputeState::idle));
}

Json Views::endpoint(ProjectRecord const& project, BranchRecord const& branch, EndpointRecord const& endpoint) const {
  auto const compute = status(endpoint);
  Json json{{"name", endpoint_name(project.id, branch.id, endpoint.id).text()},
            {"endpoint_id", endpoint.id},
            {"parent", branch_name(project.id, branch.id).text()},
            {"uid", endpoint.uid},
            {"create_time", to_text(endpoint.create_time)},
            {"update_time", to_text(endpoint.update_time)}};
  if (workspace_.options().echo_spec) {
    Json& spec = json["spec"];
    spec["endpoint_type"] = endpoint_type(endpoint);
    put_compute(spec, endpoint.compute, true);
    spec["disabled"] = endpoint.disabled;
    spec["settings"] = settings_json(endpoint);
    spec["group"] = group_json(endpoint);
  }
  Json& shown = json["status"];
  shown["endpoint_id"] = endpoint.id;
  shown["endpoint_type"] = endpoint_type(endpoint);
  shown["current_state"] = endpoint_state(endpoint, compute);
  bool const reconciling = endpoint.reconciling_until && *endpoint.reconciling_until > workspace_.now();
  if (endpoint.creating || reconciling) shown["pending_state"] = endpoint.disabled ? "IDLE" : "ACTIVE";
  shown["disabled"] = endpoint.disabled;
  put_compute(shown, endpoint.compute, false);
  shown["settings"] = settings_json(endpoint);
  shown["group"] = group_json(endpoint);
  if (!endpoint.address.empty()) {
    shown["hosts"] = Json{{"host", endpoint.address}};
    if (endpoint.read_only) shown["hosts"]["read_only_host"] = endpoint.address;
  }
  if (compute && compute->last_active.time_since_epoch().count() != 0) {
    shown["last_active_time"] = to_text(rounded(compute->last_active));
  }
  return json;
}

std::string Views::compute_instance_id(EndpointRecord const& endpoint) {
  return "compute-" + endpoint.uid.substr(endpoint.uid.rfind('-') + 1);
}

Json Views::compute_instance(ProjectRecord const& project, BranchRecord const& branch,
                             EndpointRecord const& endpoint) const {
  auto const compute = status(endpoint);
  auto const id = compute_instance_id(endpoint);
  ResourceName const name{
      .kind = Kind::compute_instance, .project = project.id, .branch = branch.id, .leaf = id, .endpoint = endpoint.id};
  Json json{{"name", name.text()},
            {"compute_instance_id", id},
            {"role", endpoint.read_only ? "READ_ONLY" : "READ_WRITE"},
            {"current_state", endpoint_state(endpoint, compute)}};
  if (!endpoint.address.empty()) json["compute_host"] = endpoint.address;
  if (compute && compute->started) json["start_time"] = to_text(rounded(*compute->started));
  if (compute && compute->suspended) json["suspend_time"] = to_text(rounded(*compute->suspended));
  return json;
}

Json Views::role(ProjectRecord const& project, BranchRecord const& branch, RoleRecord const& role) const {
  Json json{{"name", branch_name(project.id, branch.id).text() + "/roles/" + role.id},
            {"role_id", role.id},
            {"parent", branch_name(project.id, branch.id).text()},
            {"create_time", to_text(role.create_time)},
            {"update_time", to_text(role.update_time)}};
  if (workspace_.options().echo_spec) put_role_settings(json["spec"], role);
  json["status"]["role_id"] = role.id;
  put_role_settings(json["status"], role);
  return json;
}

Json Views::database(ProjectRecord const& project, BranchRecord const& branch, DatabaseRecord const& database) const {
  std::string const parent = branch_name(project.id, branch.id).text();
  Json const settings{{"postgres_database", database.postgres_database},
                      {"role", parent + "/roles/" + database.role_id}};
  Json json{{"name", parent + "/databases/" + database.id},
            {"database_id", database.id},
            {"parent", parent},
            {"create_time", to_text(database.create_time)},
            {"update_time", to_text(database.update_time)}};
  if (workspace_.options().echo_spec) json["spec"] = settings;
  json["status"] = Json{{"database_id", database.id}};
  json["status"].update(settings);
  return json;
}

}  // namespace lakebase::emulator
