#include "postgres/project_spec.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "common/setting_rules.hpp"
#include "engine/errors.hpp"
#include "postgres/resource_names.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::size_t longest_display_name = 256;

// Upstream's documentation has another name for a path than its models and clients.
constexpr std::string_view documented_suspension = "spec.project_default_settings.suspension";
constexpr std::string_view real_suspension = "spec.default_endpoint_settings.suspension";

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string read_display_name(Fields const& spec, std::string const& default_name) {
  auto const name = spec.text("display_name").value_or(default_name);
  if (count_characters(name) > longest_display_name) {
    throw invalid(
        fmt::format("Field '{}' must be 1 to {} characters long.", spec.path_of("display_name"), longest_display_name));
  }
  return name;
}

Duration read_history(Fields const& spec, Duration usual, Limits const& limits) {
  auto const history = spec.duration("history_retention_duration").value_or(usual);
  if (history < limits.shortest_history || history > limits.longest_history) {
    throw invalid(fmt::format("Field '{}' must be between {} and {}, got {}.",
                              spec.path_of("history_retention_duration"), to_text(limits.shortest_history),
                              to_text(limits.longest_history), to_text(history)));
  }
  return history;
}

Json default_settings(ComputeSpec const& defaults) {
  Json json = Json::object();
  put_compute(json, defaults, true);
  if (!defaults.pg_settings.empty()) json["pg_settings"] = defaults.pg_settings;
  return json;
}

}  // namespace

std::vector<TagRecord> read_tags(Fields const& spec) {
  std::vector<TagRecord> tags;
  std::set<std::string> keys;
  for (auto const& tag : spec.list("custom_tags")) {
    auto const key = tag.text("key");
    if (!key) throw required_field(tag.path_of("key"));
    if (!keys.insert(*key).second) {
      throw invalid(fmt::format("Field '{}' holds the key '{}' twice.", spec.path_of("custom_tags"), *key));
    }
    tags.push_back({*key, tag.text("value").value_or("")});
  }
  return tags;
}

Json tags_json(std::vector<TagRecord> const& tags) {
  Json list = Json::array();
  for (auto const& tag : tags) list.push_back(Json{{"key", tag.key}, {"value", tag.value}});
  return list;
}

MaskRules const& project_mask() {
  using enum MaskPath::Kind;
  static std::vector<std::string_view> const suspension{"suspend_timeout_duration", "no_suspension"};
  static MaskRules const instance{{{"spec.pg_version", fixed},
                                   {"spec.display_name"},
                                   {"spec.history_retention_duration"},
                                   {"spec.enable_pg_native_login"},
                                   {"spec.default_branch", value, {}, false},
                                   {"spec.default_endpoint_settings.autoscaling_limit_min_cu"},
                                   {"spec.default_endpoint_settings.autoscaling_limit_max_cu"},
                                   {"spec.default_endpoint_settings.suspension", oneof, suspension, true},
                                   {"spec.default_endpoint_settings.pg_settings", list, {}, false},
                                   {"spec.budget_policy_id", value, {}, false},
                                   {"spec.custom_tags", list, {}, false},
                                   {"initial_branch_spec", ignored, {}, false},
                                   {"initial_endpoint_spec", ignored, {}, false},
                                   {"initial_database_spec", ignored, {}, false},
                                   {"initial_role_spec", ignored, {}, false}},
                                  {{"spec.default_endpoint_settings", true}}};
  return instance;
}

Call with_real_paths(Call call) {
  auto mask = call.query.text("update_mask");
  if (auto const at = mask.find(documented_suspension); at != std::string::npos) {
    mask.replace(at, documented_suspension.size(), real_suspension);
    call.query = Query{{{"update_mask", mask}}};
  }
  return call;
}

std::string read_default_branch(Fields const& spec, ProjectRecord const& project) {
  auto const wanted = spec.text("default_branch").value_or("");
  auto const name = parse_name(wanted);
  if (!name || !name->is(branch_kind) || name->project() != project.id) {
    throw invalid(fmt::format("Field '{}' must be the name of a branch of the project, got '{}'.",
                              spec.path_of("default_branch"), wanted));
  }
  auto const* const branch = project.branches.find(name->branch());
  if (branch == nullptr || branch->delete_time) throw branch_not_found();
  if (branch->expire_time) throw bad_request("The default branch cannot have an expiration.");
  return branch->id;
}

void apply(Fields const& spec, Touched const& touched, Limits const& limits, ProjectRecord& project) {
  if (touched.contains("spec.display_name")) project.display_name = read_display_name(spec, project.id);
  if (touched.contains("spec.history_retention_duration")) {
    project.history_retention = read_history(spec, project.history_retention, limits);
  }
  if (touched.contains("spec.enable_pg_native_login")) {
    project.enable_pg_native_login = spec.flag("enable_pg_native_login").value_or(false);
  }
  auto const settings = spec.message("default_endpoint_settings");
  project.defaults =
      changed_compute(std::move(project.defaults), settings, touched, "spec.default_endpoint_settings.", limits);
  if (touched.contains("spec.default_endpoint_settings.pg_settings")) {
    project.defaults.pg_settings = settings.text_map("pg_settings");
    check_setting_names(project.defaults.pg_settings);
  }
  if (touched.contains("spec.budget_policy_id")) project.budget_policy_id = spec.text("budget_policy_id");
  if (touched.contains("spec.custom_tags")) project.custom_tags = read_tags(spec);
}

// The service has 16 to 18; 15 is an extension of the emulator.
std::optional<int> read_pg_version(Fields const& spec) {
  auto const version = spec.integer("pg_version").value_or(0);
  if (version == 0) return std::nullopt;
  if (version < 15 || version > 18) {
    throw invalid(fmt::format("Field '{}' must be 15, 16, 17 or 18, got {}.", spec.path_of("pg_version"), version));
  }
  return static_cast<int>(version);
}

ComputeSpec initial_compute(ComputeSpec const& defaults, Fields const& spec, Limits const& limits) {
  Touched touched;
  for (auto const name : {"autoscaling_limit_min_cu", "autoscaling_limit_max_cu"}) {
    if (spec.has(name)) touched.insert(name);
  }
  if (spec.has("suspend_timeout_duration") || spec.has("no_suspension")) touched.insert("suspension");
  return changed_compute(defaults, spec, touched, "", limits);
}

void put_project_settings(Json& json, ProjectRecord const& project) {
  json["display_name"] = project.display_name;
  json["pg_version"] = project.pg_version;
  json["default_branch"] = branch_name(project.id, project.default_branch_id).text();
  json["default_endpoint_settings"] = default_settings(project.defaults);
  json["history_retention_duration"] = to_text(project.history_retention);
  json["enable_pg_native_login"] = project.enable_pg_native_login;
  if (project.budget_policy_id) json["budget_policy_id"] = *project.budget_policy_id;
  if (project.compute_provisioner) json["compute_provisioner"] = *project.compute_provisioner;
  if (!project.custom_tags.empty()) json["custom_tags"] = tags_json(project.custom_tags);
}

}  // namespace lakebase::emulator
