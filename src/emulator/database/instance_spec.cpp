#include "database/instance_spec.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "database/instance_lookup.hpp"
#include "postgres/project_spec.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::int64_t most_nodes = 3;
constexpr std::int64_t connections_of_an_instance = 1000;
constexpr std::chrono::hours day{24};
constexpr std::int64_t usual_retention = 7;

/// A size, and that of the compute to which the service moves such an instance, as far as a range may reach there.
struct InstanceSize {
  std::string_view capacity;
  double min_cu, max_cu;
};
constexpr std::array<InstanceSize, 4> instance_sizes = {
    {{"CU_1", 4, 8}, {"CU_2", 8, 16}, {"CU_4", 16, 32}, {"CU_8", 48, 64}}};

void set_capacity(Fields const& body, ProjectRecord& project, EndpointRecord& endpoint) {
  auto const wanted = body.text("capacity").value_or(std::string{usual_capacity});
  auto const size = std::find_if(instance_sizes.begin(), instance_sizes.end(),
                                 [&](InstanceSize const& one) { return one.capacity == wanted; });
  if (size == instance_sizes.end()) {
    throw invalid(fmt::format("Field 'capacity' must be one of CU_1, CU_2, CU_4, CU_8, got '{}'.", wanted));
  }
  project.instance->capacity = wanted;
  project.defaults.min_cu = size->min_cu;
  project.defaults.max_cu = size->max_cu;
  project.defaults.suspend_after.reset();
  endpoint.compute = project.defaults;
  endpoint.max_connections = connections_of_an_instance;
}

std::int64_t read_nodes(Fields const& body) {
  auto const nodes = body.integer("node_count").value_or(1);
  if (nodes >= 1 && nodes <= most_nodes) return nodes;
  throw invalid(fmt::format("Field 'node_count' must be from 1 to {}, got {}.", most_nodes, nodes));
}

void set_nodes(Fields const& body, Touched const& touched, EndpointRecord& endpoint) {
  if (touched.contains("node_count")) endpoint.computes = read_nodes(body);
  if (touched.contains("enable_readable_secondaries")) {
    endpoint.readable_secondaries = body.flag("enable_readable_secondaries").value_or(false);
  }
  if (endpoint.readable_secondaries.value_or(false) && endpoint.computes < 2) {
    throw invalid("Field 'enable_readable_secondaries' needs a 'node_count' of 2 or more.");
  }
}

Duration read_retention(Fields const& body, Limits const& limits) {
  auto const days = body.integer("retention_window_in_days").value_or(usual_retention);
  auto const least = limits.shortest_history / day;
  auto const most = limits.longest_history / day;
  if (days < least || days > most) {
    throw invalid(fmt::format("Field 'retention_window_in_days' must be from {} to {}, got {}.", least, most, days));
  }
  return day * days;
}

Json ref_to(ProjectRecord const& instance, BranchRecord const& copy) {
  Json ref{{"name", instance.instance->name}, {"uid", instance.uid}};
  if (!copy.source_branch_lsn.empty()) ref["effective_lsn"] = copy.source_branch_lsn;
  return ref;
}

Json parent_json(ProjectRecord const& project) {
  auto const& parent = *project.instance->parent;
  Json ref{{"name", parent.name}, {"uid", parent.uid}};
  if (!parent.lsn.empty()) ref["lsn"] = parent.lsn;
  if (parent.branch_time) ref["branch_time"] = to_text(*parent.branch_time);
  auto const& lsn = branch_of_instance(project).source_branch_lsn;
  if (!lsn.empty()) ref["effective_lsn"] = lsn;
  return ref;
}

void put_tags(Json& json, ProjectRecord const& project, bool after_change) {
  if (project.custom_tags.empty()) return;
  json["effective_custom_tags"] = tags_json(project.custom_tags);
  if (after_change) json["custom_tags"] = json["effective_custom_tags"];
}

}  // namespace

// What a mask names and the body lacks takes its default, as in protobuf: clients leave out false and 0.
MaskRules const& instance_mask() {
  using enum MaskPath::Kind;
  static MaskRules const instance{{{"capacity", value, {}, false},
                                   {"stopped", list, {}, false},
                                   {"node_count", list, {}, false},
                                   {"enable_readable_secondaries", list, {}, false},
                                   {"enable_pg_native_login", list, {}, false},
                                   {"retention_window_in_days", list, {}, false},
                                   {"custom_tags", list, {}, false},
                                   {"usage_policy_id", list, {}, false}},
                                  {}};
  return instance;
}

Touched touched_by_instance_update(Call const& call) {
  auto const mask = call.query.text("update_mask");
  return named_by(mask.empty() ? "*" : mask, call.fields(), instance_mask());
}

bool changes_compute(Touched const& touched) {
  return touched.contains("capacity");
}

void apply_to_instance(Fields const& body, Touched const& touched, Limits const& limits, ProjectRecord& project,
                       EndpointRecord& endpoint) {
  if (touched.contains("capacity")) set_capacity(body, project, endpoint);
  if (touched.contains("stopped")) endpoint.disabled = body.flag("stopped").value_or(false);
  set_nodes(body, touched, endpoint);
  if (touched.contains("enable_pg_native_login")) {
    project.enable_pg_native_login = body.flag("enable_pg_native_login").value_or(false);
  }
  if (touched.contains("retention_window_in_days")) project.history_retention = read_retention(body, limits);
  if (touched.contains("custom_tags")) project.custom_tags = read_tags(body);
  if (touched.contains("usage_policy_id")) project.budget_policy_id = body.text("usage_policy_id");
}

Json instance_json(State const& state, ProjectRecord const& project, bool after_change) {
  auto const& instance = *project.instance;
  auto const& endpoint = endpoint_of_instance(project);
  Json json{{"name", instance.name},
            {"uid", project.uid},
            {"state", state_of_instance(project)},
            {"creator", project.owner},
            {"creation_time", to_text(project.create_time)},
            {"pg_version", fmt::format("PG_VERSION_{}", project.running_pg_version)},
            {"capacity", instance.capacity},
            {"effective_capacity", instance.capacity},
            {"effective_stopped", endpoint.disabled},
            {"effective_node_count", endpoint.computes},
            {"effective_enable_readable_secondaries", has_readable_standbys(endpoint)},
            {"effective_enable_pg_native_login", project.enable_pg_native_login},
            {"effective_retention_window_in_days", project.history_retention / day}};
  if (!endpoint.address.empty()) json["read_write_dns"] = endpoint.address;
  if (auto const host = read_only_host_of(endpoint); !host.empty()) json["read_only_dns"] = host;
  if (project.budget_policy_id) json["usage_policy_id"] = json["effective_usage_policy_id"] = *project.budget_policy_id;
  put_tags(json, project, after_change);
  if (instance.parent) json["parent_instance_ref"] = parent_json(project);
  for (auto const& other : state.projects) {
    if (!other.instance || other.delete_time || !other.instance->parent) continue;
    if (other.instance->parent->uid != project.uid) continue;
    json["child_instance_refs"].push_back(ref_to(other, branch_of_instance(other)));
  }
  return json;
}

}  // namespace lakebase::emulator
