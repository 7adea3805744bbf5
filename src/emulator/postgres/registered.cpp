#include "postgres/registered.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/ascii.hpp"

namespace lakebase::emulator {

std::string holder_name(State const& state, ResourceName const& branch) {
  auto const& project = live_project(state, branch.project());
  return is_project(project) ? branch.text() : project.instance->name;
}

void unregister_all(BranchRecord& branch) {
  branch.catalogs = {};
  branch.synced_tables = {};
  branch.tables = {};
}

Plan plan_for_held(State const& state, ResourceName const& name, ResourceName const& branch) {
  auto plan = plan_for(state, name);
  plan.locks.push_back(lock_of(live_project(state, branch.project())));
  return plan;
}

std::optional<ResourceName> branch_in(Fields const& spec) {
  auto const text = spec.text("branch");
  if (!text) return std::nullopt;
  auto name = parse_name(*text);
  if (name && name->is(branch_kind)) return name;
  throw invalid(fmt::format("Field '{}' expects 'projects/{{project_id}}/branches/{{branch_id}}' format, got '{}'.",
                            spec.path_of("branch"), *text));
}

std::optional<UnityTableName> parse_table_name(std::string_view name) {
  auto const first = name.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  auto const second = name.find('.', first + 1);
  if (second == std::string_view::npos || name.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  UnityTableName parts{std::string{name.substr(0, first)}, std::string{name.substr(first + 1, second - first - 1)},
                       std::string{name.substr(second + 1)}};
  if (parts.catalog.empty() || parts.schema.empty() || parts.table.empty()) return std::nullopt;
  return parts;
}

bool is_unity_table_id(std::string_view id) {
  auto const fits = [](char c) { return is_lower(to_lower(c)) || is_digit(c) || c == '_' || c == '.'; };
  return parse_table_name(id) && std::all_of(id.begin(), id.end(), fits);
}

void require_free_table_name(State const& state, std::string_view id) {
  if (find_held(state, &BranchRecord::synced_tables, id).record != nullptr) {
    throw already_exists("synced table with such id already exists");
  }
  if (find_held(state, &BranchRecord::tables, id).record != nullptr) {
    throw already_exists("table with such name already exists");
  }
}

}  // namespace lakebase::emulator
