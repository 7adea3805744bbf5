#include "database/registered.hpp"

#include <fmt/format.h>

#include "database/instance_lookup.hpp"

namespace lakebase::emulator {

ServiceError no_such(std::string_view what, std::string_view name) {
  return {404, "NOT_FOUND", fmt::format("{} with name '{}' not found", what, name)};
}

std::optional<ResourceName> instance_branch_in(State const& state, Fields const& body) {
  if (body.text("database_project_id") || body.text("database_branch_id")) {
    throw not_offered("what belongs to a project by the API of database instances: use that of projects");
  }
  auto const name = body.text("database_instance_name");
  if (!name) return std::nullopt;
  if (find_instance(state, *name) == nullptr) throw no_such("database instance", *name);
  return name_of_branch(running_instance(state, *name));
}

std::string const& instance_of(State const& state, ResourceName const& branch) {
  return live_project(state, branch.project()).instance->name;
}

std::string table_name_in(Fields const& body) {
  auto name = body.required_text("name");
  if (is_unity_table_id(name)) return name;
  throw invalid(fmt::format("Field 'name' must match pattern {}, got '{}'.", unity_table_ids.pattern, name));
}

}  // namespace lakebase::emulator
